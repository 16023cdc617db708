import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { portOf } from './support/opened.js';
import { Readers } from './support/readers.js';
import { onServers } from './support/scene.js';
import { endSession, running, sessionsOf } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { longRead, portIn, slowRead, tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: a plain read that failed on its way is answered by another database, in the same call. */
describe.each(ENGINES)('a connection lost on %s', (engine) => {
  const scene = onServers(engine, { probe: 'tcp' });
  /** Reads, raw ones too, come from replica-1 as long as it serves, then from replica-2. */
  const preferring = (): Parameters<typeof scene.open>[0] => ({ router: new FailoverRouter(), routeRawReads: true });
  const healthOf = (source: RoutedDataSource): readonly string[] =>
    source.cluster.databases.all.map(({ health }) => health);

  it('to a stopping replica fails none of the reads around it', async () => {
    const source = await scene.open();
    const readers = new Readers(source, 20);
    await readers.more(200);
    await scene.servers.replica(1).stop();
    await readers.more(300);
    await scene.servers.replica(1).restart();
    await readers.servedBy(portOf(scene.servers, 'replica-1'));
    await readers.stop();
    expect(readers.failures).toEqual([]);
  });

  it('to a stopping replica in the middle of a read lets another answer', async () => {
    const source = await scene.open(preferring());
    const reading = source.query(`${slowRead(engine, 0.5)} /* stopping */`);
    const { server } = await running(scene, 'stopping');
    const stopped = server.stop();
    expect(portIn(await reading)).toBe(portOf(scene.servers, 'replica-2'));
    await stopped;
  });

  it('by an administrator in the middle of a read lets another answer, and the replica stays in use', async () => {
    const source = await scene.open(preferring());
    const reading = source.query(`${slowRead(engine, 0.3)} /* to be ended */`);
    const session = await running(scene, 'to be ended');
    await endSession(scene, session);
    expect(portIn(await reading)).toBe(portOf(scene.servers, 'replica-2'));
    expect((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy).toBe(session.server.port);
  });

  it('while it was idle is not used again', async () => {
    const source = await scene.open({ ...preferring(), typeorm: { poolSize: 1 } });
    await source.query(`${slowRead(engine, 0.1)} /* soon idle */`);
    const reading = source.query(`${slowRead(engine, 0.1)} /* the same connection */`);
    const session = await running(scene, 'the same connection');
    await reading;
    await endSession(scene, session);
    await until('it has ended', async () =>
      (await sessionsOf(scene, session.server)).every(({ id }) => id !== session.id),
    );
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy).toBe(session.server.port);
    }
  });

  it.each([1, 100, 5_000])('after %d bytes of an answer lets another answer the whole of it', async (bytes) => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    const source = await scene.open({ ...preferring(), databases });
    expect(portIn(await source.query(longRead(engine, 1)))).toBe(portOf(scene.servers, 'replica-1'));
    proxy.cutAfter(bytes);
    const rows = (await source.query(longRead(engine, 500))) as { port: number }[];
    expect(rows).toHaveLength(500);
    expect(new Set(rows.map((row) => portIn([row])))).toEqual(new Set([portOf(scene.servers, 'replica-2')]));
    await proxy.restore();
  });

  it('by a reset while reads wait for their turn fails none of them', async () => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    const source = await scene.open({ ...preferring(), databases, typeorm: { poolSize: 2 } });
    const readings = Array.from({ length: 30 }, () => source.query(slowRead(engine, 0.02)));
    await running(scene, 'slept');
    proxy.reset();
    const ports = (await Promise.all(readings)).map(portIn);
    expect(ports).toHaveLength(30);
    for (const port of ports) expect(scene.servers.servers.map((server) => server.port)).toContain(port);
  });

  it('as soon as it was accepted moves the read on, and the write to its error', async () => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    const source = await scene.open({ ...preferring(), databases });
    proxy.resetNew();
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy).toBe(portOf(scene.servers, 'replica-2'));
    }
    await proxy.restore();
    const primary = await scene.behindProxy('default');
    const writer = await scene.open({ databases: primary.databases });
    primary.proxy.reset();
    primary.proxy.resetNew();
    const insert = () => writer.getRepository(Tag).insert({ label: 'reset at once' });
    await until('the driver has heard', () => primary.proxy.connections === 0);
    await expect(insert()).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    await primary.proxy.restore();
    await insert();
    expect(await tagsLabelled(scene, 'reset at once')).toBe(1);
  });

  it('because its server found it idle for too long fails neither reads nor writes', async () => {
    const limit = async (ms: number): Promise<void> => {
      for (const server of scene.servers.servers) {
        if (engine === 'mariadb') {
          await server.query(`SET GLOBAL wait_timeout = ${ms === 0 ? 28_800 : Math.ceil(ms / 1_000)}`);
        } else {
          await server.query(`ALTER SYSTEM SET idle_session_timeout = ${ms}`);
          await server.query('SELECT pg_reload_conf()');
        }
      }
    };
    await limit(300);
    const source = await scene.open();
    const use = (): Promise<unknown> =>
      Promise.all([
        source.getRepository(Tag).find({ take: 1 }),
        source.getRepository(Tag).insert({ label: 'after idling' }),
        source.getRepository(Tag).save({ label: 'after idling' }),
      ]);
    await use();
    await until('the servers have closed the idle connections', async () => {
      const sessions = await Promise.all(scene.servers.servers.map((server) => sessionsOf(scene, server)));
      return sessions.flat().length === 0;
    });
    await use();
    await limit(0);
    expect(await tagsLabelled(scene, 'after idling')).toBe(4);
  });

  if (engine === 'postgres') {
    it('in favour of replay lets another answer, and the standby stays in use', async () => {
      const source = await scene.open({ ...preferring() });
      const [one, two] = [scene.servers.replica(1), scene.servers.replica(2)];
      await one.query("ALTER SYSTEM SET max_standby_streaming_delay = '50ms'");
      await one.query('SELECT pg_reload_conf()');
      const reading = source.query('SELECT inet_server_port() AS port, pg_sleep(1) FROM tag LIMIT 1 /* in the way */');
      await running(scene, 'in the way');
      await scene.servers.primary.query('BEGIN; LOCK TABLE tag IN ACCESS EXCLUSIVE MODE; COMMIT');
      expect(portIn(await reading)).toBe(two.port);
      expect(healthOf(source)).toEqual(['up', 'up', 'up']);
      expect((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy).toBe(one.port);
    });
  }
});
