import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineEntity, p } from '@mikro-orm/core';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { EntityManager, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { routed, withoutPinning } from '@sluice/mikro-orm';
import { type Cluster as Servers, startCluster } from '@sluice/testbed';
import { type Application, PLATFORMS, started } from './support/application.js';
import { User } from '../support/user.js';

const Note = defineEntity({ name: 'Note', properties: { id: p.integer().primary(), text: p.string() } });

@Controller('notes')
class Notes {
  constructor(@Inject(EntityManager) readonly em: EntityManager) {}

  @Get()
  async find(): Promise<{ readonly texts: readonly string[] }> {
    const notes = await this.em.fork().find(Note, {});
    return { texts: notes.map(({ text }) => text) };
  }

  @Post()
  async save(@Body('text') text: string): Promise<void> {
    const em = this.em.fork();
    em.create(Note, { text });
    await em.flush();
  }

  @Get('seen')
  async seen(): Promise<void> {
    await this.save('seen');
  }

  @Get('rolled-back')
  async rolledBack(): Promise<void> {
    const failing = this.em.fork().transactional(async (em) => {
      em.create(Note, { text: 'never' });
      await em.flush();
      throw new Error('on purpose');
    });
    await failing.catch(() => undefined);
  }

  @Get('nothing')
  async nothing(): Promise<void> {
    await this.em.fork().nativeUpdate(Note, { id: -1 }, { text: 'never' });
  }

  @Get('log')
  async log(): Promise<void> {
    await withoutPinning(() => this.save('log'));
  }
}

describe.each(PLATFORMS)('@mikro-orm/nestjs over PostgreSQL on %s', (platform) => {
  let servers: Servers;
  let application: Application;

  beforeAll(async () => {
    servers = await startCluster({ engine: 'postgres', replicas: 2 });
    await servers.primary.query(
      'CREATE TABLE note (id serial PRIMARY KEY, text text); GRANT ALL ON note, note_id_seq TO app',
    );
    await servers.caughtUp();
    const databases = Object.fromEntries(
      Object.entries(servers.databases).map(([name, { user, host, port, password }]) => [
        name,
        { user, host, port, password },
      ]),
    );
    const module = MikroOrmModule.forRoot({
      driver: routed(PostgreSqlDriver, { databases }),
      dbName: servers.databases['default']!.database,
      entities: [Note],
    });
    application = await started(platform, { imports: [module], controllers: [Notes] });
  });
  afterAll(async () => {
    await application?.close();
    await servers?.stop();
  });

  it('lets the writer read what it wrote while replay is paused, and others read from replicas', async () => {
    const [ada, bob] = [new User(application.url), new User(application.url)];
    for (const name of ['replica-1', 'replica-2']) await servers.server(name).pauseReplay();
    expect(await ada.send('POST', '/notes', { text: 'after' })).toMatchObject({ status: 201 });
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await ada.get('/notes')).toMatchObject({ body: { texts: ['after'] } });
      expect(await bob.get('/notes')).toMatchObject({ body: { texts: [] } });
    }
  });

  it.each([
    ['a committed write', 'seen', true],
    ['a rollback', 'rolled-back', false],
    ['zero changed rows', 'nothing', false],
    ['withoutPinning', 'log', false],
  ])('pins by what it sees written on a GET: %s', async (_what, path, pins) => {
    const { status, setCookie } = await new User(application.url).get(`/notes/${path}`);
    expect([status, setCookie !== null]).toEqual([200, pins]);
  });
});
