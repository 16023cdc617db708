import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { readTransaction, ReplicaRouter, runInSession, useReplica } from '@sluice/typeorm';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ENGINES, startServers, whoSql } from './support/engines.js';
import { opened, portOf, whoRuns } from './support/opened.js';
import { Customer, Line, Order, Tag } from './support/shop.js';

/** DESIGN.md, section 4: where does a statement go? One block per row of its table. */
describe.each(ENGINES)('on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  let primary: number;
  let replicas: number[];
  let orderId: number;
  let customerId: number;
  let tagId: number;

  beforeAll(async () => {
    servers = await startServers(engine);
    ds = await opened(servers, { router: new ReplicaRouter() });
    primary = servers.primary.port;
    replicas = [portOf(servers, 'replica-1'), portOf(servers, 'replica-2')];
    const customer = await ds.getRepository(Customer).save({ name: 'Ada' });
    const order = ds.getRepository(Order).create({
      title: 'first',
      lines: [{ product: 'pen' }, { product: 'ink' }],
      tags: [{ label: 'new' }],
    });
    order.customer = Promise.resolve(customer);
    await ds.getRepository(Order).save(order);
    tagId = (await ds.getRepository(Tag).save({ label: 'spare' })).id;
    [orderId, customerId] = [order.id, customer.id];
    await servers.caughtUp();
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });

  const orders = () => ds.getRepository(Order);
  const whoQb = (source: { createQueryBuilder: RoutedDataSource['createQueryBuilder'] } = ds) =>
    source.createQueryBuilder().select(`(${whoSql()})`, 'port').from(Order, 'o').where('o.id = :orderId', { orderId });
  const portIn = (row: unknown): number => Number((row as { port: number | string }).port);

  describe('anything inside a transaction', () => {
    it('runs on the primary, reads and raw SQL too', async () => {
      await ds.transaction(async (manager) => {
        expect((await manager.findOneByOrFail(Order, { id: orderId })).servedBy).toBe(primary);
        expect(portIn(await whoQb(manager as never).getRawOne())).toBe(primary);
        expect(await whoRuns(manager, servers)).toBe(primary);
      });
    });

    it('keeps a nested savepoint on the transaction’s connection', async () => {
      await ds.transaction(async (manager) => {
        const saved = await manager.save(Order, { title: 'outer' });
        await manager.transaction(async (nested) => {
          expect((await nested.findOneByOrFail(Order, { id: saved.id })).servedBy).toBe(primary);
        });
        await manager.delete(Order, { id: saved.id });
      });
    });

    it('moves a locking find with its own transaction to the primary', async () => {
      const found = await orders().findOneOrFail({
        where: { id: orderId },
        lock: { mode: 'pessimistic_write' },
        transaction: true,
      });
      expect(found.servedBy).toBe(primary);
    });

    it('moves a builder with its own transaction to the primary', async () => {
      const found = await orders()
        .createQueryBuilder('o')
        .useTransaction(true)
        .setLock('pessimistic_write')
        .getOneOrFail();
      expect(found.servedBy).toBe(primary);
    });
  });

  describe('a transaction declared read only', () => {
    it('runs whole on one replica', async () => {
      const ports = await readTransaction(ds, async (manager) => {
        const first = await manager.findOneByOrFail(Order, { id: orderId });
        const second = await manager.findOneByOrFail(Order, { id: orderId });
        return [first.servedBy, second.servedBy];
      });
      expect(replicas).toContain(ports[0]);
      expect(ports[1]).toBe(ports[0]);
    });

    it('refuses a write before it is sent', async () => {
      const write = readTransaction(ds, (manager) => manager.insert(Tag, { label: 'never' }));
      await expect(write).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    });

    it('runs on the primary if it asks for more isolation than a standby has', async () => {
      const port = await readTransaction(ds, (manager) => whoRuns(manager, servers), { isolation: 'SERIALIZABLE' });
      expect(port).toBe(primary);
    });

    it('takes a weaker isolation along to the replica', async () => {
      const port = await readTransaction(ds, (manager) => whoRuns(manager, servers), { isolation: 'REPEATABLE READ' });
      expect(replicas).toContain(port);
    });
  });

  describe('a write', () => {
    it.each([
      ['save', async () => orders().save({ title: 'w' })],
      ['insert', async () => orders().insert({ title: 'w' })],
      ['update', async () => orders().update({ id: orderId }, { paid: 1 })],
      ['increment', async () => orders().increment({ id: orderId }, 'paid', 1)],
      ['upsert', async () => ds.getRepository(Tag).upsert({ id: tagId, label: 'u' }, ['id'])],
      ['delete', async () => orders().delete({ id: -1 })],
      ['softRemove-free remove', async () => orders().remove(await orders().save({ title: 'gone' }))],
      ['relation().add', async () => ds.createQueryBuilder().relation(Order, 'tags').of(orderId).add(tagId)],
      ['relation().remove', async () => ds.createQueryBuilder().relation(Order, 'tags').of(orderId).remove(tagId)],
      [
        'query builder update',
        async () => orders().createQueryBuilder().update().set({ paid: 2 }).where({ id: orderId }).execute(),
      ],
      ['raw SQL', async () => ds.query("UPDATE tag SET label = 'r'")],
    ])('%s goes to the primary only', async (_name, write) => {
      const told: string[] = [];
      const listen = (event: { database: string }): void => void told.push(event.database);
      ds.cluster.on('route', listen);
      await write();
      ds.cluster.off('route', listen);
      expect(told.length).toBeGreaterThan(0);
      expect(new Set(told)).toEqual(new Set(['default']));
    });

    it('is promoted to the primary when a slave runner is asked to write', async () => {
      const runner = ds.createQueryRunner('slave');
      const before = await runner.manager.findOneByOrFail(Order, { id: orderId });
      const saved = await runner.manager.save(Tag, { label: 'promoted' });
      await runner.release();
      expect(replicas).toContain(before.servedBy);
      expect(await ds.getRepository(Tag).findOneBy({ id: saved.id })).not.toBeUndefined();
    });
  });

  describe('a plain read', () => {
    it.each([
      ['find', async () => (await orders().find({ where: { id: orderId } }))[0]?.servedBy],
      ['findAndCount', async () => (await orders().findAndCount({ where: { id: orderId } }))[0][0]?.servedBy],
      ['query builder getOne', async () => (await orders().createQueryBuilder('o').getOne())?.servedBy],
      ['query builder getRawOne', async () => portIn(await whoQb().getRawOne())],
      [
        'relation().loadMany',
        async () => (await ds.createQueryBuilder().relation(Order, 'lines').of(orderId).loadMany<Line>())[0]?.servedBy,
      ],
      ['Active Record', async () => (await Order.findOneBy({ id: orderId }))?.servedBy],
    ])('%s goes to a replica', async (_name, read) => {
      expect(replicas).toContain(await read());
    });

    it('takes the replicas in turn', async () => {
      const ports = [];
      for (let turn = 0; turn < 6; turn += 1) ports.push((await orders().findOneByOrFail({ id: orderId })).servedBy);
      expect(ports[0]).not.toBe(ports[1]);
      expect([ports[2], ports[3], ports[4], ports[5]]).toEqual([ports[0], ports[1], ports[0], ports[1]]);
    });

    it.each(['join', 'query'] as const)(
      'loads parents and children from one replica with the %s strategy',
      async (relationLoadStrategy) => {
        for (let turn = 0; turn < 4; turn += 1) {
          const order = await orders().findOneOrFail({
            where: { id: orderId },
            relations: { lines: true, tags: true },
            relationLoadStrategy,
          });
          const ports = [
            order.servedBy,
            ...order.lines.map((line) => line.servedBy),
            ...order.tags.map((tag) => tag.servedBy),
          ];
          expect(ports.length).toBe(4);
          expect(new Set(ports).size).toBe(1);
        }
      },
    );

    it('reads a page and its count from one replica', async () => {
      const told: string[] = [];
      const listen = (event: { database: string }): void => void told.push(event.database);
      ds.cluster.on('route', listen);
      await orders().findAndCount({ relations: { lines: true }, take: 1, skip: 0 });
      ds.cluster.off('route', listen);
      expect(told.length).toBeGreaterThan(1);
      expect(new Set(told).size).toBe(1);
    });

    it('streams from a replica, and gives the connection back at the end', async () => {
      const read = async (): Promise<number> => {
        const stream: Readable = await whoQb().stream();
        const rows: unknown[] = [];
        stream.on('data', (row) => rows.push(row));
        await finished(stream);
        return portIn(rows[0]);
      };
      for (let turn = 0; turn < 25; turn += 1) expect(replicas).toContain(await read());
    });

    it('gives the connection of an abandoned stream back', async () => {
      for (let turn = 0; turn < 25; turn += 1) {
        const stream: Readable = await orders().createQueryBuilder('o').stream();
        for await (const _row of stream) break;
      }
      expect(replicas).toContain((await orders().findOneByOrFail({ id: orderId })).servedBy);
    });
  });

  describe('a read that is more than a read', () => {
    it('sends a lock outside a transaction to the primary', async () => {
      expect(portIn(await whoQb().setLock('pessimistic_write').getRawOne())).toBe(primary);
    });

    it('sends functions with side effects to the primary', async () => {
      const sql = engine === 'mariadb' ? "GET_LOCK('x', 0)" : 'pg_try_advisory_lock(1)';
      const row = await ds
        .createQueryBuilder()
        .select(`(${whoSql()})`, 'port')
        .addSelect(sql, 'locked')
        .from(Order, 'o')
        .limit(1)
        .getRawOne();
      expect(portIn(row)).toBe(primary);
    });

    if (engine === 'postgres') {
      it('sends a CTE that writes to the primary', async () => {
        const insert = ds.createQueryBuilder().insert().into(Tag).values({ label: 'cte' }).returning('id');
        const row = await ds
          .createQueryBuilder()
          .addCommonTableExpression(insert, 'made', { columnNames: ['id'] })
          .select(`(${whoSql()})`, 'port')
          .from('made', 'made')
          .getRawOne();
        expect(portIn(row)).toBe(primary);
      });
    }
  });

  describe('raw SQL', () => {
    it('goes to the primary, reads too', async () => {
      expect(await whoRuns(ds, servers)).toBe(primary);
      expect(await whoRuns(orders(), servers)).toBe(primary);
      expect(await whoRuns(ds.manager, servers)).toBe(primary);
    });

    it('goes to a replica inside useReplica', async () => {
      expect(replicas).toContain(await useReplica(() => whoRuns(ds, servers)));
    });

    it('is refused inside useReplica if it writes', async () => {
      const write = useReplica(() => ds.query("UPDATE tag SET label = 'no'"));
      await expect(write).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    });
  });

  describe('reload and preload', () => {
    beforeEach(async () => {
      await servers.replica(1).pauseReplay();
      await servers.replica(2).pauseReplay();
    });
    it('read what the session wrote, and read a replica otherwise', async () => {
      try {
        await runInSession(async () => {
          const order = Object.assign(new Order(), { title: 'fresh' });
          await order.save();
          await order.reload();
          expect(order.servedBy).toBe(primary);
          expect((await orders().preload({ id: order.id, title: 'next' }))?.servedBy).toBe(primary);
        });
        const stale = await orders().findOneByOrFail({ id: orderId });
        await stale.reload();
        expect(replicas).toContain(stale.servedBy);
      } finally {
        await servers.replica(1).resumeReplay();
        await servers.replica(2).resumeReplay();
      }
    });
  });

  describe('a lazy relation', () => {
    it('is read as a read when it is first touched', async () => {
      const customer = await ds.getRepository(Customer).findOneByOrFail({ id: customerId });
      const [order] = await customer.orders;
      expect(replicas).toContain(order?.servedBy);
    });

    it('of an entity loaded in a transaction is read after its end', async () => {
      const order = await ds.transaction((manager) => manager.findOneByOrFail(Order, { id: orderId }));
      expect(replicas).toContain((await order.customer)?.servedBy);
    });
  });
});
