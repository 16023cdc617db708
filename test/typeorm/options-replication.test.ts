import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions, RoutedOptions } from '@sluice/typeorm';
import { PrimaryReplicaRouter, ReplicaRouter, RoutedDataSource, roundRobin, runInSession } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, whoRuns } from './support/opened.js';
import { routesDuring, tally, times } from './support/routes.js';
import { during, plainOptions, stock } from './support/side-by-side.js';
import { Audit, Tag } from './support/shop.js';

/** Moving over is `new DataSource(options)` → `new RoutedDataSource(options, { router })`. */
describe.each(ENGINES)('TypeORM’s replication option on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine);
    await (await opened(servers)).destroy();
  });
  afterAll(() => servers?.stop());

  const node = (name: string): Record<string, unknown> => {
    const { host, port, user: username, password, database } = servers.server(name).database;
    return { host, port, username, password, database };
  };
  const options = (replication: Record<string, unknown> = {}): Record<string, unknown> => {
    const { type, entities } = plainOptions(servers);
    const slaves = [node('replica-1'), node('replica-2')];
    return { type, entities, replication: { master: node('default'), slaves, ...replication } };
  };
  const routed = (replication: Record<string, unknown> = {}, routing: RoutedOptions = {}): RoutedDataSource =>
    new RoutedDataSource(options(replication) as unknown as RoutableOptions, routing);
  const reads = async (ds: RoutedDataSource, count = 12): Promise<string[]> =>
    (await times(count, () => routesDuring(ds, () => ds.getRepository(Tag).count()))).flat();

  it('is taken over as it is: the master becomes default, the slaves replica-1 and so on', async () => {
    await during(routed(), async (ds) => {
      const { all } = ds.cluster.databases;
      expect(all.map(({ name, role }) => [name, role])).toEqual([
        ['default', 'primary'],
        ['replica-1', 'replica'],
        ['replica-2', 'replica'],
      ]);
      expect(tally(await reads(ds))).toEqual({ 'replica-1': 6, 'replica-2': 6 });
      expect(await whoRuns(ds, servers)).toBe(servers.primary.port);
      await runInSession(async () => {
        await ds.getRepository(Audit).insert({ what: 'a' });
        expect(tally(await reads(ds))).toEqual({ default: 12 });
      });
    });
  });

  it('works with a router of one’s choice', async () => {
    await during(routed({}, { router: new PrimaryReplicaRouter({ select: roundRobin() }) }), async (ds) => {
      expect(tally(await reads(ds))).toEqual({ default: 4, 'replica-1': 4, 'replica-2': 4 });
    });
  });

  const selectors = [
    ['the default router', () => ({})],
    ['a ReplicaRouter', () => ({ router: new ReplicaRouter() })],
    ['a ReplicaRouter by name', () => ({ router: 'ReplicaRouter' })],
  ] as const;
  describe.each(selectors)('with %s', (_router, routing) => {
    const chosen = (selector: string): Promise<string[]> =>
      during(routed({ selector }, routing() as RoutedOptions), (ds) => reads(ds, 40));

    it('honours selector RR', async () => {
      const read = await chosen('RR');
      expect(read.every((name, index) => index === 0 || name !== read[index - 1])).toBe(true);
    });

    it('honours selector ORDER', async () => {
      expect(tally(await chosen('ORDER'))).toEqual({ 'replica-1': 40 });
    });

    it('honours selector RANDOM', async () => {
      const read = await chosen('RANDOM');
      expect(new Set(read)).toEqual(new Set(['replica-1', 'replica-2']));
      expect(read.every((name, index) => index === 0 || name !== read[index - 1])).toBe(false);
    });
  });

  it('leaves a strategy that the router was given alone', async () => {
    const router = new ReplicaRouter({ select: roundRobin() });
    await during(routed({ selector: 'ORDER' }, { router }), async (ds) => {
      expect(tally(await reads(ds))).toEqual({ 'replica-1': 6, 'replica-2': 6 });
    });
  });

  it('with defaultMode master reads from the primary, as TypeORM does', async () => {
    await during(stock(options({ defaultMode: 'master' })), async (ds) => {
      expect(ds.defaultReplicationModeForReads()).toBe('master');
    });
    await during(routed({ defaultMode: 'master' }), async (ds) => {
      expect(ds.defaultReplicationModeForReads()).toBe('master');
      expect(tally(await reads(ds))).toEqual({ default: 12 });
      const runner = ds.createQueryRunner('slave');
      expect(await routesDuring(ds, () => runner.manager.count(Tag))).not.toEqual(['default']);
      await runner.release();
    });
  });

  it('with defaultMode slave reads from the replicas', async () => {
    await during(routed({ defaultMode: 'slave' }), async (ds) => {
      expect(ds.defaultReplicationModeForReads()).toBe('slave');
      expect(tally(await reads(ds))).toEqual({ 'replica-1': 6, 'replica-2': 6 });
    });
  });

  it('takes mysql2’s own words for lost nodes, which health takes the place of', async () => {
    const words = { canRetry: true, removeNodeErrorCount: 5, restoreNodeTimeout: 100 };
    await during(routed(words), async (ds) => {
      expect(tally(await reads(ds))).toEqual({ 'replica-1': 6, 'replica-2': 6 });
    });
  });

  it('may have no slaves', async () => {
    await during(routed({ slaves: [] }), async (ds) => {
      expect(tally(await reads(ds))).toEqual({ default: 12 });
    });
  });

  it('takes a url for each node', async () => {
    const url = (name: string): { url: string } => {
      const { host, port, user, password, database } = servers.server(name).database;
      return {
        url: `${engine === 'mariadb' ? 'mysql' : 'postgres'}://${user}:${password}@${host}:${port}/${database}`,
      };
    };
    await during(routed({ master: url('default'), slaves: [url('replica-2')] }), async (ds) => {
      expect(await whoRuns(ds, servers)).toBe(servers.primary.port);
      const runner = ds.createQueryRunner('slave');
      expect(await whoRuns(runner, servers)).toBe(servers.replica(2).port);
      await runner.release();
    });
  });
});
