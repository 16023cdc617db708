import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { PinningReplicaRouter, runInSession, useDatabase, usePrimary, useReplica } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, routed } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { routesDuring } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

const TABLE = 'query-result-cache';

describe.each(ENGINES)('the query result cache on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  const logger = new Recorder();

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    ds = await opened(servers, { router: new PinningReplicaRouter(), typeorm: { cache: true, logger } });
    await ds.getRepository(Tag).save({ label: 'a' });
    await servers.caughtUp();
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });
  beforeEach(() => logger.clear());
  afterEach(async () => {
    await ds.queryResultCache?.clear();
    await servers.caughtUp();
  });

  const find = (source: RoutedDataSource = ds) =>
    source.getRepository(Tag).find({ cache: { id: 'tags', milliseconds: 60_000 } });
  const stored = (): number => logger.queries.filter((sql) => sql.startsWith('INSERT') && sql.includes(TABLE)).length;
  const rows = async (name = 'default'): Promise<number> => {
    const table = engine === 'mariadb' ? `\`${TABLE}\`` : `"${TABLE}"`;
    const [row] = await servers.server(name).query(`SELECT count(*) AS n FROM ${table}`);
    return Number(row?.['n']);
  };

  it('is looked up and filled on the primary, and the rows are read from a replica, once', async () => {
    const first = await routesDuring(ds, find);
    expect(first.filter((name) => name === 'replica-1')).toEqual(['replica-1']);
    expect(new Set(first)).toEqual(new Set(['default', 'replica-1']));
    expect(await routesDuring(ds, find)).toEqual(['default']);
    expect(stored()).toBe(1);
  });

  it('answers from what was stored', async () => {
    const before = await find();
    await ds.getRepository(Tag).insert({ label: 'later' });
    await servers.caughtUp();
    expect(await find()).toEqual(before);
    await ds.queryResultCache?.remove(['tags']);
    expect(await find()).toHaveLength(before.length + 1);
  });

  it('neither misses nor stores twice while the replica is behind', async () => {
    await servers.replica(1).pauseReplay();
    try {
      for (let turn = 0; turn < 4; turn += 1) await find();
      expect(stored()).toBe(1);
      expect([await rows(), await rows('replica-1')]).toEqual([1, 0]);
    } finally {
      await servers.replica(1).resumeReplay();
    }
  });

  it('renews what has expired, in its place', async () => {
    const expired = () => ds.getRepository(Tag).find({ cache: { id: 'expired', milliseconds: -1 } });
    await expired();
    await expired();
    expect(stored()).toBe(1);
    expect(await rows()).toBe(1);
  });

  it('does not pin the session', async () => {
    await runInSession(async (session) => {
      await find();
      expect([session.pinned(), session.wrote()]).toEqual([false, false]);
      expect(await routesDuring(ds, () => ds.getRepository(Tag).count())).toEqual(['replica-1']);
      await ds.getRepository(Audit).insert({ what: 'w' });
      expect(session.pinned()).toBe(true);
    });
  });

  it('works inside useReplica and useDatabase, on the primary all the same', async () => {
    const first = await routesDuring(ds, () => useReplica(() => find()));
    expect(first.filter((name) => name === 'replica-1')).toEqual(['replica-1']);
    expect(await routesDuring(ds, () => useDatabase('replica-1', () => find()))).toEqual(['default']);
    expect(await rows()).toBe(1);
  });

  it('keeps counts and pages, too', async () => {
    const page = () => ds.getRepository(Tag).findAndCount({ take: 1, cache: 60_000 });
    const first = await page();
    logger.clear();
    expect(await page()).toEqual(first);
    expect(logger.queries.every((sql) => sql.includes(TABLE))).toBe(true);
  });

  it('is used by query builders', async () => {
    const raw = () => ds.getRepository(Tag).createQueryBuilder('t').cache('raw', 60_000).getRawMany();
    const first = await raw();
    logger.clear();
    expect(await raw()).toEqual(first);
    expect(logger.queries).toHaveLength(1);
  });

  it('inside a transaction is read and filled on its connection', async () => {
    await ds.transaction(async (manager) => {
      const { id } = await manager.save(Tag, { label: 'uncommitted' });
      const cached = await manager.findOneOrFail(Tag, { where: { id }, cache: { id: 'one', milliseconds: 60_000 } });
      expect(cached.servedBy).toBe(servers.primary.port);
    });
  });

  it('inside a transaction does not keep its writes from pinning', async () => {
    await runInSession(async (session) => {
      await ds.transaction(async (manager) => {
        await manager.find(Tag, { cache: { id: 'in it', milliseconds: 60_000 } });
        await manager.insert(Audit, { what: 'w' });
      });
      expect(session.pinned()).toBe(true);
    });
    await runInSession(async (session) => {
      await ds.transaction((manager) => manager.find(Tag, { cache: { id: 'alone', milliseconds: 60_000 } }));
      expect([session.pinned(), session.wrote()]).toEqual([false, false]);
    });
  });

  it('needs no second connection: a pool of one is enough', async () => {
    const narrow = await routed(servers, { typeorm: { cache: true, poolSize: 1 } }).initialize();
    try {
      await usePrimary(() => find(narrow));
      await find(narrow);
      await narrow.queryResultCache?.clear();
      await narrow.queryResultCache?.clear();
      expect(await find(narrow)).not.toEqual([]);
    } finally {
      await narrow.destroy();
    }
  });

  it('can be switched on later with setOptions', async () => {
    const late = routed(servers);
    late.setOptions({ cache: true });
    await late.initialize();
    try {
      expect(new Set(await routesDuring(late, () => useReplica(() => find(late))))).toEqual(
        new Set(['default', 'replica-1']),
      );
      expect(await routesDuring(late, () => find(late))).toEqual(['default']);
    } finally {
      await late.destroy();
    }
  });

  it('of somebody’s own making is asked as TypeORM asks it', async () => {
    const asked: string[] = [];
    const kept = new Map<string, unknown>();
    const provider = () => ({
      connect: async () => void asked.push('connect'),
      disconnect: async () => void asked.push('disconnect'),
      synchronize: async () => undefined,
      getFromCache: async ({ identifier }: { identifier: string }) => {
        asked.push('get');
        return kept.get(identifier);
      },
      storeInCache: async (options: { identifier: string }) => {
        asked.push('store');
        kept.set(options.identifier, options);
      },
      isExpired: () => false,
      clear: async () => undefined,
      remove: async () => undefined,
    });
    const own = await routed(servers, { typeorm: { cache: { provider } } }).initialize();
    await find(own);
    expect(await routesDuring(own, () => find(own))).toEqual([]);
    await own.destroy();
    expect(asked).toEqual(['connect', 'get', 'store', 'get', 'disconnect']);
  });
});
