import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { PinningReplicaRouter, runInSession, usePrimary } from '@sluice/typeorm';
import {
  addTransactionalDataSource,
  deleteDataSourceByName,
  initializeTransactionalContext,
  IsolationLevel,
  Propagation,
  runInTransaction,
  runOnTransactionCommit,
  StorageDriver,
  Transactional,
} from 'typeorm-transactional';
import { ENGINES, startServers } from './support/engines.js';
import { opened, portOf, routed, whoRuns } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { Audit, Order, Tag } from './support/shop.js';

initializeTransactionalContext({ storageDriver: StorageDriver.ASYNC_LOCAL_STORAGE });

describe.each(ENGINES)('typeorm-transactional on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  let primary: number;
  let replica: number;
  let tagId: number;
  const logger = new Recorder();

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    await (await opened(servers)).destroy();
    // it knows a data source by the name of its class
    ds = addTransactionalDataSource(
      routed(servers, { router: new PinningReplicaRouter(), routeRawReads: true, typeorm: { logger } }),
    ) as RoutedDataSource;
    await ds.initialize();
    tagId = (await ds.getRepository(Tag).save({ label: 'a' })).id;
    await servers.caughtUp();
    [primary, replica] = [servers.primary.port, portOf(servers, 'replica-1')];
  });
  afterAll(async () => {
    deleteDataSourceByName('default');
    await ds?.destroy();
    await servers?.stop();
  });
  beforeEach(() => logger.clear());

  const tags = () => ds.getRepository(Tag);
  const read = async (): Promise<number> => (await tags().findOneByOrFail({ id: tagId })).servedBy;
  const began = (): number => logger.queries.filter((sql) => sql === 'START TRANSACTION').length;

  class Shop {
    @Transactional()
    async everything(): Promise<number[]> {
      const { id } = await tags().save({ label: 'uncommitted' });
      const found = await tags().findOneByOrFail({ id });
      const built = await ds.createQueryBuilder(Tag, 't').where({ id }).getOneOrFail();
      const active = (await Order.find({ take: 1 }))[0]?.servedBy ?? found.servedBy;
      return [
        found.servedBy,
        built.servedBy,
        active,
        await read(),
        await whoRuns(ds, servers),
        await whoRuns(ds.manager, servers),
      ];
    }

    @Transactional()
    async outer(): Promise<boolean> {
      await tags().save({ label: 'outer' });
      return this.inner();
    }

    @Transactional()
    async inner(): Promise<boolean> {
      return tags().existsBy({ label: 'outer' });
    }

    @Transactional()
    async around(): Promise<number> {
      await tags().save({ label: 'around' });
      return this.beside();
    }

    @Transactional({ propagation: Propagation.NOT_SUPPORTED })
    async beside(): Promise<number> {
      return read();
    }

    @Transactional({ isolationLevel: IsolationLevel.SERIALIZABLE })
    async strict(): Promise<number> {
      return read();
    }

    @Transactional()
    async failing(): Promise<void> {
      await tags().save({ label: 'failing' });
      throw new Error('undone');
    }
  }
  const shop = new Shop();

  it('leaves reads outside of transactions to the router, raw ones too', async () => {
    expect(await read()).toBe(replica);
    expect(await whoRuns(ds, servers)).toBe(replica);
    expect((await ds.createQueryBuilder(Tag, 't').getMany())[0]?.servedBy).toBe(replica);
    expect(began()).toBe(0);
  });

  it('runs everything inside @Transactional() in one transaction on the primary', async () => {
    expect(new Set(await shop.everything())).toEqual(new Set([primary]));
    expect(began()).toBe(1);
  });

  it('joins the transaction around it', async () => {
    expect(await shop.outer()).toBe(true);
    expect(began()).toBe(1);
  });

  it('with NOT_SUPPORTED reads outside the transaction, where the router says', async () => {
    await servers.caughtUp();
    expect(await shop.around()).toBe(replica);
  });

  it('takes isolation levels', async () => {
    expect(await shop.strict()).toBe(primary);
    expect(logger.queries).toContain('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
  });

  it('rolls back on an error, and leaves no pin; a commit leaves one', async () => {
    await runInSession(async (session) => {
      await expect(shop.failing()).rejects.toThrow('undone');
      expect(await usePrimary(() => tags().existsBy({ label: 'failing' }))).toBe(false);
      expect(session.pinned()).toBe(false);
      expect(await read()).toBe(replica);
      await shop.outer();
      expect(session.pinned()).toBe(true);
      expect(await read()).toBe(primary);
    });
  });

  it('runs what is to run after the commit', async () => {
    const told: string[] = [];
    await runInTransaction(async () => {
      runOnTransactionCommit(() => told.push('committed'));
      await ds.getRepository(Audit).insert({ what: 'w' });
      expect(told).toEqual([]);
    });
    // it is told in a turn of its own
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['committed']);
  });

  it('keeps transactions that run side by side apart', async () => {
    const ports = await Promise.all([shop.everything(), read(), shop.everything(), read()]);
    expect(ports.map((each) => (Array.isArray(each) ? new Set(each) : each))).toEqual([
      new Set([primary]),
      replica,
      new Set([primary]),
      replica,
    ]);
  });
});
