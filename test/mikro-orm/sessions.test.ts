import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter, runInSession, useReplica, withoutPinning } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, portOf, ready } from './support/opened.js';
import { Audit, Order, Tag } from './support/shop.js';

describe.each(ENGINES)('a session on %s', (engine) => {
  let servers: Servers;
  let orm: Orm;
  let primary: number;
  let replicas: number[];
  let orderId: number;

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { router: new PinningReplicaRouter() });
    primary = servers.primary.port;
    replicas = [portOf(servers, 'replica-1'), portOf(servers, 'replica-2')];
    await runInSession(async () => {
      const em = fork();
      const order = em.create(Order, { title: 'o', lines: [{ product: 'x' }] } as never);
      await em.flush();
      orderId = order.id;
    });
    await servers.caughtUp();
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  const fork = (): Em => orm.em.fork() as unknown as Em;
  const who = async (em = fork()): Promise<number> => (await em.findOneOrFail(Order, { id: orderId })).servedBy;

  it.each<[string, (em: Em) => Promise<unknown>]>([
    ['a flush', async (em) => (em.create(Audit, { what: 'p' } as never), em.flush())],
    ['an insert', async (em) => em.insert(Audit, { what: 'p' } as never)],
    [
      'a nativeUpdate',
      async (em) => em.nativeUpdate(Order, { id: orderId }, { paid: Math.trunc(Math.random() * 1e9) } as never),
    ],
    ['an upsert', async (em) => em.upsert(Tag, { id: 1, label: `t${Math.random()}` } as never)],
    ['raw SQL', async (em) => em.execute("insert into audit (what) values ('raw')")],
    ['a transaction', async (em) => em.transactional(async (inside) => inside.insert(Audit, { what: 'p' } as never))],
  ])('reads its own writes after %s', async (_name, write) => {
    await runInSession(async () => {
      expect(replicas).toContain(await who());
      await write(fork());
      expect(await who()).toBe(primary);
      expect(replicas).toContain(await useReplica(() => who()));
    });
    expect(replicas).toContain(await runInSession(() => who()));
  });

  it.each<[string, (em: Em) => Promise<unknown>]>([
    [
      'a rolled back transaction',
      async (em) =>
        em
          .transactional(async (inside) => {
            await inside.insert(Audit, { what: 'p' } as never);
            throw new Error('undo');
          })
          .catch(() => undefined),
    ],
    ['a delete of nothing', async (em) => em.nativeDelete(Audit, { what: 'nobody' })],
    ['an update of nothing', async (em) => em.nativeUpdate(Order, { id: -1 }, { paid: 1 } as never)],
    ['a transaction that only reads', async (em) => em.transactional(async (inside) => who(inside as never))],
    ['a write outside of pinning', async (em) => withoutPinning(() => em.insert(Audit, { what: 'p' } as never))],
    ['raw SQL that reads', async (em) => em.execute('select 1')],
  ])('is not pinned by %s', async (_name, work) => {
    await runInSession(async () => {
      await work(fork());
      expect(replicas).toContain(await who());
    });
  });

  it('is pinned from the moment its write is sent', async () => {
    await runInSession(async () => {
      const write = fork().execute(
        engine === 'mariadb'
          ? 'insert into audit (what) select sleep(0.2)'
          : 'insert into audit (what) select pg_sleep(0.2)::text',
      );
      expect(await who()).toBe(primary);
      await write;
    });
  });

  it('sees its new row through a page, its count and its relations', async () => {
    await Promise.all([servers.replica(1).pauseReplay(), servers.replica(2).pauseReplay()]);
    try {
      await runInSession(async () => {
        const em = fork();
        em.create(Order, { title: 'fresh', lines: [{ product: 'ink' }] } as never);
        await em.flush();
        const [rows, count] = await fork().findAndCount(Order, { title: 'fresh' }, { populate: ['lines'] as never });
        expect([rows.length, count, rows[0]?.lines.length]).toEqual([1, 1, 1]);
      });
    } finally {
      await Promise.all([servers.replica(1).resumeReplay(), servers.replica(2).resumeReplay()]);
    }
  });
});
