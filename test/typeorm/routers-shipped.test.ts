import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import {
  FailoverRouter,
  MasterSlave,
  PinningReplicaRouter,
  PinningRouter,
  PrimaryReplicaRouter,
  ReplicaRouter,
  roundRobin,
  runInSession,
} from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import type { Options } from './support/opened.js';
import { databasesOf, opened, routed } from './support/opened.js';
import { routesDuring, tally, times } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

describe.each(ENGINES)('the shipped routers on %s', (engine) => {
  let servers: Servers;
  let id: number;
  let names: ReadonlyMap<number, string>;

  beforeAll(async () => {
    servers = await startServers(engine);
    const ds = await opened(servers);
    id = (await ds.getRepository(Tag).save({ label: 'read' })).id;
    await ds.destroy();
    await servers.caughtUp();
    names = new Map(servers.servers.map(({ name, port }) => [port, name]));
  });
  afterAll(() => servers?.stop());

  /** Runs `work` with a data source of these options, and destroys it. */
  async function over<T>(options: Options, work: (ds: RoutedDataSource) => Promise<T>): Promise<T> {
    const ds = await routed(servers, options).initialize();
    try {
      return await work(ds);
    } finally {
      await ds.destroy();
    }
  }
  const read = async (ds: RoutedDataSource): Promise<string> =>
    names.get((await ds.getRepository(Tag).findOneByOrFail({ id })).servedBy) ?? 'a stranger';
  const reads = (ds: RoutedDataSource, count: number): Promise<string[]> => times(count, () => read(ds));
  const write = (ds: RoutedDataSource): Promise<string[]> =>
    routesDuring(ds, () => ds.getRepository(Audit).insert({ what: 'written' }));

  describe('PrimaryReplicaRouter', () => {
    it.each([
      ['an instance', new PrimaryReplicaRouter()],
      ['a class', PrimaryReplicaRouter],
      ['its name', 'PrimaryReplicaRouter'],
      ['the alias', MasterSlave],
      ['the name of the alias', 'MasterSlave'],
    ] as const)(
      'given as %s, reads from every server, the primary too, and writes to default',
      async (_form, router) => {
        await over({ router }, async (ds) => {
          expect(new Set(await reads(ds, 60))).toEqual(new Set(['default', 'replica-1', 'replica-2']));
          expect(await times(5, () => write(ds))).toEqual([
            ['default'],
            ['default'],
            ['default'],
            ['default'],
            ['default'],
          ]);
        });
      },
    );

    it('spreads its reads evenly when it takes turns', async () => {
      await over({ router: new PrimaryReplicaRouter({ select: roundRobin() }) }, async (ds) => {
        expect(tally(await reads(ds, 300))).toEqual({ default: 100, 'replica-1': 100, 'replica-2': 100 });
      });
    });

    it('knows primaries by RestAuth’s names, and leaves the others to reads', async () => {
      const [first, second, third] = Object.values(databasesOf(servers)).map(({ role: _role, ...rest }) => rest);
      const databases = { 'master-a': first!, slave: second!, other: third! };
      const answers = await over({ databases, router: 'MasterSlave' }, async (ds) => {
        expect(ds.cluster.databases.primaries.map(({ name }) => name)).toEqual(['master-a']);
        expect(await write(ds)).toEqual(['master-a']);
        return reads(ds, 60);
      });
      expect(new Set(answers).size).toBe(3);
    });
  });

  describe('ReplicaRouter', () => {
    it.each([
      ['an instance', new ReplicaRouter()],
      ['a class', ReplicaRouter],
      ['its name', 'ReplicaRouter'],
    ] as const)('given as %s, takes the replicas in turn, and writes to default', async (_form, router) => {
      await over({ router }, async (ds) => {
        expect(tally(await reads(ds, 30))).toEqual({ 'replica-1': 15, 'replica-2': 15 });
        expect(await write(ds)).toEqual(['default']);
      });
    });

    it('reads from the primary where there is no replica', async () => {
      const { default: primary } = databasesOf(servers);
      await over({ router: ReplicaRouter, databases: { default: primary! } }, async (ds) => {
        expect(tally(await reads(ds, 5))).toEqual({ default: 5 });
      });
    });
  });

  describe('PinningReplicaRouter', () => {
    it.each([
      ['the default', undefined],
      ['an instance', new PinningReplicaRouter()],
      ['a class', PinningReplicaRouter],
      ['its name', 'PinningReplicaRouter'],
    ] as const)('given as %s, keeps the reads of a session that wrote on the primary', async (_form, router) => {
      await over(router === undefined ? {} : { router }, async (ds) => {
        await runInSession(async () => {
          expect(tally(await reads(ds, 4))).toEqual({ 'replica-1': 2, 'replica-2': 2 });
          expect(await write(ds)).toEqual(['default']);
          expect(tally(await reads(ds, 4))).toEqual({ default: 4 });
        });
        expect(tally(await reads(ds, 4))).toEqual({ 'replica-1': 2, 'replica-2': 2 });
      });
    });
  });

  it('PinningRouter pins the sessions of the router in it', async () => {
    const router = new PinningRouter(new FailoverRouter({ prefer: ['replica-2'] }));
    await over({ router }, async (ds) => {
      await runInSession(async () => {
        expect(await read(ds)).toBe('replica-2');
        await write(ds);
        expect(await read(ds)).toBe('default');
      });
      expect(await read(ds)).toBe('replica-2');
    });
  });

  describe('FailoverRouter', () => {
    it.each([
      ['an instance', new FailoverRouter()],
      ['a class', FailoverRouter],
      ['its name', 'FailoverRouter'],
    ] as const)('given as %s, reads from the first replica only, and writes to default', async (_form, router) => {
      await over({ router }, async (ds) => {
        expect(tally(await reads(ds, 6))).toEqual({ 'replica-1': 6 });
        expect(await write(ds)).toEqual(['default']);
      });
    });

    it('prefers what it is told to prefer', async () => {
      await over({ router: new FailoverRouter({ prefer: ['default', 'replica-1'] }) }, async (ds) => {
        expect(tally(await reads(ds, 6))).toEqual({ default: 6 });
      });
    });

    it('goes on to the next one when the preferred one is gone, then to default', async () => {
      await over({ router: new FailoverRouter({ prefer: ['replica-2', 'replica-1'] }) }, async (ds) => {
        try {
          await servers.replica(2).stop();
          expect(tally(await reads(ds, 4))).toEqual({ 'replica-1': 4 });
          await servers.replica(1).stop();
          expect(tally(await reads(ds, 4))).toEqual({ default: 4 });
        } finally {
          await servers.replica(1).restart();
          await servers.replica(2).restart();
          await servers.caughtUp();
        }
      });
    });
  });
});
