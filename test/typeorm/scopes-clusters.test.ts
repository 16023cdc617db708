import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import {
  PinningReplicaRouter,
  runInSession,
  UseDatabase,
  useDatabase,
  usePrimary,
  useReplica,
  withoutPinning,
} from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, routed } from './support/opened.js';
import { routesDuring } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

/** Two data sources in one process, each a cluster of its own. */
describe.each(ENGINES)('two clusters on %s', (engine) => {
  let servers: Servers;
  let shop: RoutedDataSource;
  let archive: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    shop = await opened(servers, { name: 'shop', router: new PinningReplicaRouter() });
    archive = await routed(servers, { name: 'archive', router: new PinningReplicaRouter() }).initialize();
  });
  afterAll(async () => {
    await shop?.destroy();
    await archive?.destroy();
    await servers?.stop();
  });

  const read = async (ds: RoutedDataSource): Promise<string | undefined> =>
    (await routesDuring(ds, () => ds.getRepository(Tag).count()))[0];
  const reads = async (): Promise<unknown> => ({ shop: await read(shop), archive: await read(archive) });
  const write = (ds: RoutedDataSource) => ds.getRepository(Audit).insert({ what: 'w' });

  it('a scope without a cluster holds for both', async () => {
    expect(await usePrimary(reads)).toEqual({ shop: 'default', archive: 'default' });
    expect(await useDatabase('replica-1', reads)).toEqual({ shop: 'replica-1', archive: 'replica-1' });
  });

  it.each([
    ['usePrimary', (work: () => Promise<unknown>) => usePrimary(work, { cluster: 'shop' })],
    ['useDatabase', (work: () => Promise<unknown>) => useDatabase('default', work, { cluster: 'shop' })],
  ])('%s with a cluster holds for that one only', async (_name, scope) => {
    expect(await scope(reads)).toEqual({ shop: 'default', archive: 'replica-1' });
    expect(await reads()).toEqual({ shop: 'replica-1', archive: 'replica-1' });
  });

  it('scopes of different clusters do not hide each other', async () => {
    const nested = await usePrimary(() => useReplica(reads, { cluster: 'archive' }), { cluster: 'shop' });
    expect(nested).toEqual({ shop: 'default', archive: 'replica-1' });
    const inner = await usePrimary(() => useReplica(reads, { cluster: 'archive' }));
    expect(inner).toEqual({ shop: 'default', archive: 'replica-1' });
  });

  it('useReplica of one cluster lets the other write', async () => {
    await useReplica(
      async () => {
        await write(shop);
        await expect(write(archive)).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
      },
      { cluster: 'archive' },
    );
  });

  it('a write to one never moves reads of the other', async () => {
    await runInSession(async () => {
      await write(shop);
      expect(await reads()).toEqual({ shop: 'default', archive: 'replica-1' });
      await write(archive);
      expect(await reads()).toEqual({ shop: 'default', archive: 'default' });
    });
  });

  it('withoutPinning of one cluster lets the other pin', async () => {
    await runInSession(async (session) => {
      await withoutPinning(
        async () => {
          await write(shop);
          await write(archive);
        },
        { cluster: 'shop' },
      );
      expect(await reads()).toEqual({ shop: 'replica-1', archive: 'default' });
      expect([session.pinned('shop'), session.pinned('archive')]).toEqual([false, true]);
    });
  });

  it('a decorator takes a cluster, too', async () => {
    class Report {
      @UseDatabase('default', { cluster: 'archive' })
      run() {
        return reads();
      }
    }
    expect(await new Report().run()).toEqual({ shop: 'replica-1', archive: 'default' });
  });

  it('a cluster that nobody has changes nothing', async () => {
    expect(await usePrimary(reads, { cluster: 'nobody' })).toEqual({ shop: 'replica-1', archive: 'replica-1' });
  });
});
