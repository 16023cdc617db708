import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { getDataSourceToken, getRepositoryToken, InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { type Cluster as Servers, startCluster } from '@sluice/testbed';
import {
  type RoutableOptions,
  RoutedDataSource,
  type RoutedOptions,
  routedOptions,
  UsePrimary,
  withoutPinning,
} from '@sluice/typeorm';
import { Column, Entity, PrimaryGeneratedColumn, type Repository, VirtualColumn } from 'typeorm';
import { type Application, PLATFORMS, started } from './support/application.js';
import { User } from '../support/user.js';

@Entity()
class Note {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'text' })
  text!: string;

  /** The port of the server that answered. */
  @VirtualColumn({ query: () => 'SELECT inet_server_port()' })
  servedBy!: number;
}

@Controller('notes')
class Notes {
  constructor(@InjectRepository(Note) readonly notes: Repository<Note>) {}

  @Get()
  find(): Promise<Note[]> {
    return this.notes.find({ order: { id: 'ASC' } });
  }

  @Post()
  save(@Body('text') text: string): Promise<Note> {
    return this.notes.save({ text });
  }

  @Get('seen')
  seen(): Promise<Note> {
    return this.notes.save({ text: 'seen' });
  }

  @Get('rolled-back')
  async rolledBack(): Promise<void> {
    const failing = this.notes.manager.transaction(async (notes) => {
      await notes.save(Note, { text: 'never' });
      throw new Error('on purpose');
    });
    await failing.catch(() => undefined);
  }

  @Get('nothing')
  async nothing(): Promise<void> {
    await this.notes.update({ id: -1 }, { text: 'never' });
  }

  @Get('log')
  log(): Promise<Note> {
    return withoutPinning(() => this.notes.save({ text: 'log' }));
  }
}

@UsePrimary()
@Controller('fresh')
class Fresh {
  constructor(@InjectRepository(Note) readonly notes: Repository<Note>) {}

  @Get()
  find(): Promise<Note[]> {
    return this.notes.find();
  }
}

describe.each(PLATFORMS)('@nestjs/typeorm over PostgreSQL on %s', (platform) => {
  let servers: Servers;
  let application: Application | undefined;

  beforeAll(async () => {
    servers = await startCluster({ engine: 'postgres', replicas: 2 });
  });
  afterEach(async () => {
    await application?.close();
    for (const name of ['replica-1', 'replica-2']) await servers.server(name).resumeReplay();
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const options = { type: 'postgres', autoLoadEntities: true, synchronize: true, retryAttempts: 1 } as const;
  const routing = (): RoutedOptions => ({
    databases: Object.fromEntries(
      Object.entries(servers.databases).map(([name, { user: username, host, port, password, database }]) => [
        name,
        { username, host, port, password, database },
      ]),
    ),
  });
  const serve = async (
    imports = [TypeOrmModule.forRootAsync(routedOptions(options, routing()))],
  ): Promise<Application> => {
    const modules = [...imports, TypeOrmModule.forFeature([Note])];
    application = await started(platform, { imports: modules, controllers: [Notes, Fresh] });
    await servers.caughtUp();
    return application;
  };
  const port = (name: string): number => servers.server(name).port;
  const texts = (body: unknown): readonly string[] => (body as Note[]).map(({ text }) => text);
  const ports = (body: unknown): readonly number[] => (body as Note[]).map(({ servedBy }) => servedBy);

  it('makes a routed data source of the options that forRoot would take', async () => {
    const { app } = await serve();
    const dataSource = app.get<RoutedDataSource>(getDataSourceToken());
    expect(dataSource).toBeInstanceOf(RoutedDataSource);
    expect(dataSource.cluster.databases.all.map(({ name }) => name)).toEqual(['default', 'replica-1', 'replica-2']);
    expect(dataSource.entityMetadatas.map(({ name }) => name)).toEqual(['Note']);
  });

  it('lets the writer read what it wrote while replay is paused, and others read from replicas', async () => {
    const { url } = await serve();
    const [ada, bob] = [new User(url), new User(url)];
    await ada.send('POST', '/notes', { text: 'before' });
    await servers.caughtUp();
    for (const name of ['replica-1', 'replica-2']) await servers.server(name).pauseReplay();
    expect(await ada.send('POST', '/notes', { text: 'after' })).toMatchObject({ status: 201, body: { text: 'after' } });
    for (let turn = 0; turn < 10; turn += 1) {
      const own = (await ada.get('/notes')).body;
      expect(texts(own)).toContain('after');
      expect(ports(own)).not.toContain(port('replica-1'));
      const others = (await bob.get('/notes')).body;
      expect(texts(others)).not.toContain('after');
      expect(ports(others)).not.toContain(port('default'));
    }
    expect(texts((await bob.get('/fresh')).body)).toContain('after');
  });

  it.each([
    ['a committed write', 'seen', 'default'],
    ['a rollback', 'rolled-back', 'replica'],
    ['zero changed rows', 'nothing', 'replica'],
    ['withoutPinning', 'log', 'replica'],
  ])('pins by what it sees written on a GET: %s', async (_what, path, by) => {
    const { url } = await serve();
    const ada = new User(url);
    await ada.post('/notes');
    await servers.caughtUp();
    const eve = new User(url);
    const { status, setCookie } = await eve.get(`/notes/${path}`);
    expect([status, setCookie !== null]).toEqual([200, by === 'default']);
    const names = ports((await eve.get('/notes')).body).map((served) =>
      served === port('default') ? 'default' : 'replica',
    );
    expect(new Set(names)).toEqual(new Set([by]));
  });

  it('names a data source', async () => {
    const named = TypeOrmModule.forRootAsync(
      routedOptions({ ...options, name: 'shop' }, { ...routing(), name: 'shop' }),
    );
    class Named {
      constructor(@Inject(getRepositoryToken(Note, 'shop')) readonly notes: Repository<Note>) {}
    }
    application = await started(platform, {
      imports: [named, TypeOrmModule.forFeature([Note], 'shop')],
      providers: [Named],
    });
    const dataSource = application.app.get<RoutedDataSource>(getDataSourceToken('shop'));
    expect(dataSource.cluster.name).toBe('shop');
    expect(await application.app.get(Named).notes.count()).toEqual(expect.any(Number));
  });

  it('takes over replication of TypeORM', async () => {
    const at = (name: string) => {
      const { user: username, host, port: at_, password, database } = servers.databases[name]!;
      return { username, host, port: at_, password, database };
    };
    const replication = { master: at('default'), slaves: [at('replica-1'), at('replica-2')] };
    const { app } = await serve([
      TypeOrmModule.forRootAsync(routedOptions({ ...options, replication } as RoutableOptions)),
    ]);
    expect(app.get<RoutedDataSource>(getDataSourceToken()).cluster.databases.replicas).toHaveLength(2);
  });
});
