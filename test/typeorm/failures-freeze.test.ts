import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import type { Options } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { leavingNothing } from './support/resources.js';
import { onServers } from './support/scene.js';
import { sessionsOf } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: a connection given up on is destroyed, never reused. */
describe.each(ENGINES)('a frozen database on %s', (engine) => {
  const scene = onServers(engine, { probe: 'tcp' });
  const postgres = engine === 'postgres';
  /** A time-out of the application's own for each query. */
  const queryTimeout = (ms: number) =>
    postgres
      ? { extra: { query_timeout: ms } }
      : { enableQueryTimeout: true, maxQueryExecutionTime: ms, logger: new Recorder() };
  const connectTimeout = (ms: number) => (postgres ? { connectTimeoutMS: ms } : { connectTimeout: ms });
  const timedOut = postgres ? { message: 'Query read timeout' } : { code: 'PROTOCOL_SEQUENCE_TIMEOUT' };
  /** Reads come from replica-1 as long as it serves. */
  const preferring = (typeorm: Options['typeorm'] = {}): Options => ({ router: new FailoverRouter(), typeorm });
  const read = async (source: RoutedDataSource): Promise<number> =>
    (await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy;

  it('gives the caller the time-out it asked for, and asks nobody else', async () => {
    const source = await scene.open(preferring({ ...queryTimeout(150), poolSize: 1 }));
    const replica = scene.servers.replica(1);
    expect(await read(source)).toBe(replica.port);
    const [before] = await sessionsOf(scene, replica);
    const asked: string[] = [];
    source.cluster.on('route', ({ database }) => asked.push(database));
    await replica.freeze();
    await expect(read(source)).rejects.toMatchObject(timedOut);
    expect(asked).toEqual(['replica-1']);
    expect(source.cluster.databases.get('replica-1')?.health).toBe('up');
    replica.thaw();
    // the pool holds one connection at the most: it must be another one, or this would wait behind the first read
    expect(await read(source)).toBe(replica.port);
    const after = await sessionsOf(scene, replica);
    expect(after.map(({ id }) => id)).not.toContain(before!.id);
    expect(after).toHaveLength(1);
  });

  it('does not give a connection back that is still busy with what timed out', async () => {
    const source = await scene.open({ ...preferring({ ...queryTimeout(200), poolSize: 1 }), routeRawReads: true });
    const sleep = postgres ? 'SELECT pg_sleep(5)' : 'SELECT SLEEP(5)';
    await expect(source.query(sleep)).rejects.toMatchObject(timedOut);
    for (let turn = 0; turn < 5; turn += 1) expect(await read(source)).toBe(scene.servers.replica(1).port);
  });

  it('keeps what was sent to it before a thaw, if nobody gives up', async () => {
    const source = await scene.open(preferring());
    const replica = scene.servers.replica(1);
    await read(source);
    await replica.freeze();
    const reading = read(source);
    const asked: string[] = [];
    source.cluster.on('route', ({ database }) => asked.push(database));
    await new Promise((resolve) => setTimeout(resolve, 50));
    replica.thaw();
    expect(await reading).toBe(replica.port);
    expect(asked).toEqual([]);
  });

  it('is passed over by a read that cannot connect to it in time, and is used again after the thaw', async () => {
    const source = await scene.open(preferring(connectTimeout(400)));
    const replica = scene.servers.replica(1);
    await replica.freeze();
    expect(await read(source)).toBe(scene.servers.replica(2).port);
    expect(await Promise.all(Array.from({ length: 20 }, () => read(source)))).not.toContain(replica.port);
    replica.thaw();
    await until('the replica is used again', async () => (await read(source)) === replica.port);
  });

  it('does not hold up destroy(), nor leave anything of itself behind', async () => {
    await leavingNothing(async () => {
      const source = await scene.open(preferring({ poolSize: 3 }));
      await Promise.all([read(source), read(source)]);
      const [replica, { primary }] = [scene.servers.replica(1), scene.servers];
      await source.getRepository(Tag).insert({ label: 'a connection to the primary' });
      await Promise.all([replica.freeze(), primary.freeze()]);
      const reads = Array.from({ length: 10 }, () => read(source));
      const writes = Array.from({ length: 10 }, () => source.getRepository(Tag).insert({ label: 'frozen' }));
      const settled = Promise.allSettled([...reads, ...writes]);
      await new Promise((resolve) => setImmediate(resolve));
      const begin = performance.now();
      await source.destroy();
      const destroyed = performance.now() - begin;
      const outcomes = await settled;
      const ms = performance.now() - begin;
      process.stdout.write(
        `${engine}: destroy() with two frozen databases took ${destroyed.toFixed(0)} ms, its statements ${ms.toFixed(0)} ms\n`,
      );
      expect(ms).toBeLessThan(1_000);
      const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'served'));
      expect(new Set(codes.slice(0, 10))).toEqual(new Set(['SLUICE_CLOSED']));
      expect(new Set(codes.slice(10))).toEqual(new Set(['SLUICE_CLOSED', 'SLUICE_OUTCOME_UNKNOWN']));
      primary.thaw();
      replica.thaw();
    });
    // one write was on its way, perhaps three: it may or may not have been applied, but none twice
    expect(await tagsLabelled(scene, 'frozen')).toBeLessThanOrEqual(3);
  });

  it('does not hold up destroy() with a time-out that has not struck', async () => {
    await leavingNothing(async () => {
      const source = await scene.open(preferring({ ...queryTimeout(60_000), ...connectTimeout(60_000) }));
      await read(source);
      await scene.servers.replica(1).freeze();
      const reads = Promise.allSettled([read(source), read(source)]);
      await new Promise((resolve) => setImmediate(resolve));
      await source.destroy();
      await reads;
    });
  });
});
