import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { readTransaction, ReplicaRouter, runInSession, useDatabase, usePrimary } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, whoRuns } from './support/opened.js';
import { routesDuring, times } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

describe.each(ENGINES)('useDatabase on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine);
    ds = await opened(servers, { router: new ReplicaRouter() });
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });
  afterEach(() => servers.caughtUp());

  const read = async (): Promise<string | undefined> =>
    (await routesDuring(ds, () => ds.getRepository(Tag).count()))[0];
  const write = () => ds.getRepository(Audit).insert({ what: 'w' });

  it.each(['default', 'replica-1', 'replica-2'])('reads from exactly %s, raw SQL too', async (name) => {
    const port = servers.server(name).port;
    expect(await useDatabase(name, () => times(4, read))).toEqual([name, name, name, name]);
    expect(await useDatabase(name, () => whoRuns(ds, servers))).toBe(port);
    expect(await useDatabase(name, () => readTransaction(ds, (manager) => whoRuns(manager, servers)))).toBe(port);
  });

  it('is not moved by a pin', async () => {
    await runInSession(async () => {
      await write();
      expect(await useDatabase('replica-2', read)).toBe('replica-2');
    });
  });

  it.each([
    ['insert', write],
    ['save', () => ds.getRepository(Audit).save({ what: 'w' })],
    ['raw SQL', () => ds.query("INSERT INTO audit (what) VALUES ('w')")],
    ['a transaction', () => ds.transaction((manager) => manager.count(Tag))],
  ])('refuses %s on a replica before anything is sent', async (_name, work) => {
    const sent = await routesDuring(ds, () =>
      expect(useDatabase('replica-1', async () => work())).rejects.toMatchObject({
        code: 'SLUICE_REPLICA_WRITE',
        message: expect.stringContaining('useDatabase("replica-1")'),
      }),
    );
    expect(sent).toEqual([]);
  });

  it('takes writes and transactions on a primary', async () => {
    const audits = (): Promise<number> => usePrimary(() => ds.getRepository(Audit).count());
    const before = await audits();
    await useDatabase('default', async () => {
      await write();
      await ds.transaction((manager) => manager.insert(Audit, { what: 'w' }));
    });
    expect(await audits()).toBe(before + 2);
  });

  it('with a name that the cluster does not have fails at the first statement, and says which it has', async () => {
    const reading = useDatabase('replica-9', read);
    await expect(reading).rejects.toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
    await expect(reading).rejects.toThrow(/"replica-9".*default, replica-1, replica-2/);
    await expect(useDatabase('replica-9', write)).rejects.toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
    expect(useDatabase('replica-9', () => 'nothing is asked')).toBe('nothing is asked');
  });

  it('on a database that is gone fails, and goes nowhere else', async () => {
    await servers.replica(2).stop();
    try {
      const taken = await routesDuring(ds, async () => {
        await expect(useDatabase('replica-2', read)).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
        await expect(useDatabase('replica-2', read)).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
      });
      expect(new Set(taken)).toEqual(new Set(['replica-2']));
      expect(await read()).toBe('replica-1');
    } finally {
      await servers.replica(2).restart();
    }
    expect(await useDatabase('replica-2', read)).toBe('replica-2');
  });
});
