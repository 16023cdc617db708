import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Readable } from 'node:stream';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import {
  fastest,
  getReplica,
  leastBusy,
  PrimaryReplicaRouter,
  random,
  ReplicaRouter,
  roundRobin,
  usePrimary,
  weighted,
} from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import type { Options } from './support/opened.js';
import { databasesOf, opened, routed } from './support/opened.js';
import { routesDuring, tally, times } from './support/routes.js';
import { Tag } from './support/shop.js';

describe.each(ENGINES)('strategies on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine);
    await (await opened(servers)).destroy();
  });
  afterEach(() => ds?.destroy());
  afterAll(() => servers?.stop());

  async function reads(options: Options, count: number): Promise<Record<string, number>> {
    ds = await routed(servers, options).initialize();
    return tally((await times(count, () => routesDuring(ds, () => ds.getRepository(Tag).count()))).flat());
  }
  const weights = (weight: number): NonNullable<Options['databases']> => {
    const databases = databasesOf(servers);
    return { ...databases, 'replica-1': { ...databases['replica-1'], weight } };
  };

  it.each([
    ['random', () => random()],
    ['leastBusy', () => leastBusy()],
    ['fastest', () => fastest()],
    ['roundRobin', () => roundRobin()],
    ['weighted', () => weighted()],
  ])('%s reads from every replica', async (_name, select) => {
    const counts = await reads({ router: new ReplicaRouter({ select: select() }) }, 60);
    expect(Object.keys(counts).toSorted()).toEqual(['replica-1', 'replica-2']);
  });

  it('weighted follows the weights of the databases', async () => {
    let turn = 0;
    const chances = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];
    const select = weighted({ random: () => chances[turn++ % chances.length]! });
    const counts = await reads({ databases: weights(4), router: new ReplicaRouter({ select }) }, 50);
    expect(counts).toEqual({ 'replica-1': 40, 'replica-2': 10 });
  });

  it('weighted sends nothing to a database of weight 0', async () => {
    const counts = await reads({ databases: weights(0), router: new ReplicaRouter({ select: weighted() }) }, 20);
    expect(counts).toEqual({ 'replica-2': 20 });
  });

  it('leastBusy keeps away from a database that is at work', async () => {
    ds = await routed(servers, { router: new ReplicaRouter({ select: leastBusy() }) }).initialize();
    await ds.getRepository(Tag).insert([{ label: 'a' }, { label: 'b' }]);
    await servers.caughtUp();
    let stream: Readable | undefined;
    const [busy] = await routesDuring(ds, async () => {
      stream = await ds.getRepository(Tag).createQueryBuilder('t').stream();
    });
    const others = (await times(10, () => routesDuring(ds, () => ds.getRepository(Tag).count()))).flat();
    stream?.destroy();
    expect(others).toHaveLength(10);
    expect(others).not.toContain(busy);
  });

  it('the strategy of the configuration serves routers that were given none', async () => {
    const first = (candidates: readonly [unknown, ...unknown[]]) => candidates[0] as never;
    expect(await reads({ router: 'ReplicaRouter', select: first }, 6)).toEqual({ 'replica-1': 6 });
  });

  it('the strategy of a router wins over that of the configuration', async () => {
    const first = (candidates: readonly [unknown, ...unknown[]]) => candidates[0] as never;
    const router = new ReplicaRouter({ select: roundRobin() });
    expect(await reads({ router, select: first }, 6)).toEqual({ 'replica-1': 3, 'replica-2': 3 });
  });

  it('a strategy may be an object with a state of its own', async () => {
    class Last {
      asked = 0;
      select<T>(candidates: readonly [T, ...T[]]): T {
        this.asked += 1;
        return candidates.at(-1)!;
      }
    }
    const last = new Last();
    expect(await reads({ router: new PrimaryReplicaRouter({ select: last }) }, 5)).toEqual({ 'replica-2': 5 });
    expect(last.asked).toBe(5);
  });

  describe('getReplica', () => {
    it('names replicas in the order of the router, whatever scope is open', async () => {
      ds = await routed(servers, { router: new ReplicaRouter() }).initialize();
      const names = usePrimary(() => [1, 2, 3, 4].map(() => getReplica(ds.cluster)));
      expect(new Set(names.slice(0, 2))).toEqual(new Set(['replica-1', 'replica-2']));
      expect(names.slice(2)).toEqual(names.slice(0, 2));
    });

    it('names default where there is no replica', async () => {
      ds = await routed(servers, { databases: { default: databasesOf(servers)['default']! } }).initialize();
      expect(getReplica(ds.cluster)).toBe('default');
    });
  });
});
