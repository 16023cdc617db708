import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { Router } from '@sluice/typeorm';
import { FailoverRouter, readTransaction, ReplicaRouter, useDatabase } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { databasesOf, opened, routed } from './support/opened.js';
import { Audit, Tag } from './support/shop.js';

describe.each(ENGINES)('answers that are refused when they are first used, on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    await (await opened(servers)).destroy();
  });
  afterAll(() => servers?.stop());

  /** What comes of a read and of a write with this router. */
  async function outcomes(
    hooks: Partial<Record<'dbForRead' | 'dbForWrite', (...args: never[]) => unknown>>,
  ): Promise<[any, any]> {
    const ds = await routed(servers, { router: hooks as unknown as Router }).initialize();
    const caught = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'served',
        (error: unknown) => error,
      );
    try {
      return [await caught(ds.getRepository(Tag).count()), await caught(ds.getRepository(Audit).insert({ what: 'w' }))];
    } finally {
      await ds.destroy();
    }
  }

  it.each([['nobody'], ['Replica-1'], ['']])('an unknown database %p', async (name) => {
    const [read, write] = await outcomes({ dbForRead: () => name, dbForWrite: () => name });
    for (const error of [read, write]) {
      expect(error).toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
      expect(error.message).toContain(JSON.stringify(name));
      expect(error.message).toContain('default, replica-1');
    }
  });

  it.each([[42], [true], [{}], [[]], [Symbol('x')], [() => 'default']])('nonsense: %p', async (answer) => {
    const [read, write] = await outcomes({ dbForRead: () => answer, dbForWrite: () => answer });
    expect(read).toMatchObject({ code: 'SLUICE_CONFIG', message: expect.stringContaining('dbForRead') });
    expect(write).toMatchObject({ code: 'SLUICE_CONFIG', message: expect.stringContaining('dbForWrite') });
    expect(read.message).toContain('answer a database, the name of one, or undefined');
  });

  it('a promise, as a router decides at once', async () => {
    const [read, write] = await outcomes({ dbForRead: async () => 'default', dbForWrite: async () => 'default' });
    expect(read).toMatchObject({ code: 'SLUICE_CONFIG', message: expect.stringContaining('Promise') });
    expect(write).toMatchObject({ code: 'SLUICE_CONFIG', message: expect.stringContaining('Promise') });
  });

  it('a replica for a write', async () => {
    const [read, write] = await outcomes({ dbForWrite: () => 'replica-1' });
    expect(read).toBe('served');
    expect(write).toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    expect(write.message).toMatch(/dbForWrite.*replica-1.*default/);
  });

  it('undefined and null are no opinion', async () => {
    expect(await outcomes({ dbForRead: () => undefined, dbForWrite: () => null })).toEqual(['served', 'served']);
  });

  it('an error of a router reaches the caller unchanged', async () => {
    class Mine extends Error {}
    const error = new Mine('from the router');
    const fail = (): never => {
      throw error;
    };
    expect(await outcomes({ dbForRead: fail, dbForWrite: fail })).toEqual([error, error]);
    const [read, write] = await outcomes({ dbForRead: fail, dbForWrite: fail });
    expect(read).toBe(error);
    expect(write).toBe(error);
  });

  it('an error of a router reaches the caller of a save and of a transaction unchanged, too', async () => {
    const error = new Error('from the router');
    const router = {
      dbForWrite: () => {
        throw error;
      },
    };
    const ds = await routed(servers, { router: router as unknown as Router }).initialize();
    await expect(ds.getRepository(Audit).save({ what: 'w' })).rejects.toBe(error);
    await expect(ds.transaction((manager) => manager.count(Tag))).rejects.toBe(error);
    await expect(ds.query('SELECT 1')).rejects.toBe(error);
    await ds.destroy();
  });

  it('a strategy that chooses nothing of the kind', async () => {
    const select = () => ({ name: 'nobody' }) as never;
    const ds = await routed(servers, { router: new ReplicaRouter(), select }).initialize();
    const two = await routed(servers, {
      router: new ReplicaRouter({ select }),
      databases: { ...databasesOf(servers), 'replica-2': databasesOf(servers)['replica-1']! },
    }).initialize();
    expect(await ds.getRepository(Tag).count()).toBeGreaterThanOrEqual(0);
    await expect(two.getRepository(Tag).count()).rejects.toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
    await ds.destroy();
    await two.destroy();
  });

  it('an unknown database in useDatabase', async () => {
    const ds = await routed(servers).initialize();
    await expect(useDatabase('nobody', () => ds.getRepository(Tag).count())).rejects.toMatchObject({
      code: 'SLUICE_UNKNOWN_DATABASE',
      message: expect.stringMatching(/"nobody".*default, replica-1/),
    });
    await ds.destroy();
  });

  it('a name that FailoverRouter is to prefer', async () => {
    const ds = await routed(servers, { router: new FailoverRouter({ prefer: ['replica-7'] }) }).initialize();
    await expect(ds.getRepository(Tag).count()).rejects.toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
    await ds.destroy();
  });

  it('a data source that is not routed, in readTransaction', async () => {
    const { DataSource } = await import('typeorm');
    const plain = new DataSource({ type: engine === 'mariadb' ? 'mariadb' : 'postgres' });
    await expect(readTransaction(plain, async () => 1)).rejects.toMatchObject({ code: 'SLUICE_CONFIG' });
  });

  it('statements before initialize() and after destroy()', async () => {
    const ds = routed(servers);
    await expect(ds.query('SELECT 1')).rejects.toThrow('Driver not Connected');
    await ds.initialize();
    await ds.destroy();
    await expect(ds.query('SELECT 1')).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
  });
});
