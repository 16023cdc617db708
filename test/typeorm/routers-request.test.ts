import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { Hints, RoutedDataSource, RouteRequest } from '@sluice/typeorm';
import { Router, runInSession, withHints } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened } from './support/opened.js';
import { Audit, Customer, Line, Order, Tag } from './support/shop.js';

interface Seen {
  readonly asked: 'read' | 'write';
  readonly intent: string;
  readonly model: unknown;
  readonly models: readonly unknown[];
  readonly sql: string | undefined;
  readonly inTransaction: boolean;
  readonly instance: object | undefined;
  readonly hints: Hints;
  readonly wrote: boolean | undefined;
}

/** Keeps what it is asked; its answers are those of no router at all. */
class Watching extends Router {
  readonly seen: Seen[] = [];
  override dbForRead(request: RouteRequest): undefined {
    this.#keep('read', request);
  }
  override dbForWrite(request: RouteRequest): undefined {
    this.#keep('write', request);
  }
  #keep(asked: Seen['asked'], request: RouteRequest): void {
    const { intent, model, models, sql, inTransaction, instance, hints, session } = request;
    this.seen.push({ asked, intent, model, models, sql, inTransaction, instance, hints, wrote: session?.wrote() });
  }
}

describe.each(ENGINES)('what a router sees on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  let orderId: number;
  const watching = new Watching();

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    ds = await opened(servers, { router: watching });
    const customer = await ds.getRepository(Customer).save({ name: 'Ada' });
    const order = ds
      .getRepository(Order)
      .create({ title: 'first', lines: [{ product: 'pen' }], tags: [{ label: 'new' }] });
    order.customer = Promise.resolve(customer);
    orderId = (await ds.getRepository(Order).save(order)).id;
    await servers.caughtUp();
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });
  beforeEach(() => {
    watching.seen.length = 0;
  });

  const orders = () => ds.getRepository(Order);
  /** The one question that was asked. */
  const only = (): Seen => {
    expect(watching.seen).toHaveLength(1);
    return watching.seen[0]!;
  };

  it('of a find: the entity, the SQL, no transaction', async () => {
    await orders().findBy({ id: orderId });
    const seen = only();
    expect(seen).toMatchObject({ asked: 'read', intent: 'read', inTransaction: false, instance: undefined, hints: {} });
    expect(seen.model).toBe(Order);
    expect(seen.models).toEqual([Order]);
    expect(seen.sql).toMatch(/^SELECT .*title/);
  });

  it('of a find with relations: the joined entities too', async () => {
    await orders().find({ where: { id: orderId }, relations: { lines: true, tags: true } });
    const seen = only();
    expect(seen.model).toBe(Order);
    expect(new Set(seen.models)).toEqual(new Set([Order, Line, Tag]));
  });

  it('of a join in a query builder: both entities', async () => {
    await orders().createQueryBuilder('o').innerJoin('o.customer', 'c').where("c.name = 'Ada'").getMany();
    expect(only().model).toBe(Order);
    expect(new Set(only().models)).toEqual(new Set([Order, Customer]));
  });

  it.each([
    ['getRawMany', () => orders().createQueryBuilder('o').getRawMany()],
    ['getCount', () => orders().createQueryBuilder('o').getCount()],
    ['getExists', () => orders().createQueryBuilder('o').getExists()],
    ['count', () => orders().count()],
    ['exists', () => orders().existsBy({ id: orderId })],
    ['sum', () => orders().sum('paid')],
  ])('of %s: the entity', async (_name, ask) => {
    await ask();
    expect(only()).toMatchObject({ asked: 'read', model: Order });
  });

  it('of a builder that selects from a table: no entity', async () => {
    await ds.createQueryBuilder().select('1', 'one').from('tag', 't').getRawMany();
    expect(only()).toMatchObject({ asked: 'read', model: Tag });
    watching.seen.length = 0;
    await ds.createQueryBuilder().select('1', 'one').from('order_tags_tag', 't').getRawMany();
    expect(only().asked).toBe('read');
  });

  it('of a lazy relation: its entity', async () => {
    const order = await orders().findOneByOrFail({ id: orderId });
    watching.seen.length = 0;
    await order.customer;
    expect(only()).toMatchObject({ asked: 'read' });
    expect(only().models).toContain(Customer);
  });

  it('of a save: a write of the entity, with the object, before any SQL', async () => {
    const order = orders().create({ title: 'saved' });
    await orders().save(order);
    expect(watching.seen.length).toBeGreaterThan(0);
    for (const seen of watching.seen) expect(seen).toMatchObject({ asked: 'write', intent: 'write', model: Order });
    // tables that the save writes for the sake of a relation have no object
    expect(watching.seen[0]!.instance).toBe(order);
  });

  it('of the save of a graph: every entity in it, with its object, and nothing more', async () => {
    const order = orders().create({
      title: 'graph',
      lines: [{ product: 'ink' }, { product: 'pen' }],
      tags: [{ label: 'graph' }],
    });
    await orders().save(order);
    const expected = [order, ...order.lines, ...order.tags];
    expect(watching.seen.map(({ instance }) => instance)).toEqual(expected);
    expect(watching.seen.map(({ model }) => model)).toEqual(expected.map((each) => each.constructor));
    expect(new Set(watching.seen[0]!.models)).toEqual(new Set([Order, Line, Tag]));
  });

  it('of the save of a graph in a transaction: the same', async () => {
    const order = orders().create({ title: 'graph', lines: [{ product: 'ink' }], tags: [{ label: 'graph' }] });
    await ds.transaction(async (manager) => {
      watching.seen.length = 0;
      await manager.save(order);
      expect(watching.seen.map(({ instance }) => instance)).toEqual([order, ...order.lines, ...order.tags]);
      for (const seen of watching.seen) expect(seen.inTransaction).toBe(true);
    });
  });

  it.each([
    ['insert', () => orders().insert({ title: 'i' })],
    ['update', () => orders().update({ id: -1 }, { paid: 1 })],
    ['delete', () => orders().delete({ id: -1 })],
    ['query builder update', () => orders().createQueryBuilder().update().set({ paid: 1 }).where({ id: -1 }).execute()],
  ])('of %s: a write of the entity, with its SQL', async (_name, write) => {
    await write();
    expect(only()).toMatchObject({ asked: 'write', intent: 'write', model: Order });
    expect(only().sql).toMatch(/^(INSERT|UPDATE|DELETE)/);
  });

  it('of raw SQL: the SQL and no entity', async () => {
    await ds.query('SELECT 1 AS one');
    expect(only()).toMatchObject({
      asked: 'write',
      intent: 'read',
      model: undefined,
      models: [],
      sql: 'SELECT 1 AS one',
    });
    watching.seen.length = 0;
    await ds.query('DELETE FROM audit');
    expect(only()).toMatchObject({ asked: 'write', intent: 'write', model: undefined, sql: 'DELETE FROM audit' });
  });

  it('of a lock: a write of the entity', async () => {
    await orders().createQueryBuilder('o').setLock('pessimistic_write').where({ id: orderId }).getRawOne();
    expect(only()).toMatchObject({ asked: 'write', intent: 'write', model: Order });
    expect(only().sql).toMatch(/FOR UPDATE/);
  });

  it('of a transaction: that it is one, from its first statement on', async () => {
    await ds.transaction(async (manager) => {
      expect(only()).toMatchObject({ asked: 'write', inTransaction: true, sql: 'START TRANSACTION' });
      await manager.findBy(Order, { id: orderId });
      expect(watching.seen).toHaveLength(1);
      await manager.insert(Audit, { what: 'seen' });
    });
    expect(watching.seen.length).toBeGreaterThan(1);
    for (const seen of watching.seen.slice(1)) expect(seen).toMatchObject({ model: Audit, inTransaction: true });
  });

  it('of a find that locks in its own transaction: the entity', async () => {
    await orders().findOne({ where: { id: orderId }, lock: { mode: 'pessimistic_write' }, transaction: true });
    expect(watching.seen[0]).toMatchObject({ asked: 'write', model: Order, inTransaction: true });
  });

  it('of hints: what the code around says, the inner over the outer', async () => {
    await withHints({ report: true, tenant: 'outer' }, () =>
      withHints({ tenant: 'inner' }, async () => {
        await orders().count();
        await orders().update({ id: -1 }, { paid: 1 });
      }),
    );
    await orders().count();
    const hints = watching.seen.map((seen) => seen.hints);
    expect(hints).toEqual([{ report: true, tenant: 'inner' }, { report: true, tenant: 'inner' }, {}]);
  });

  it('of hints: only those of its own cluster', async () => {
    await withHints({ tenant: 'a' }, () => orders().count(), { cluster: 'another' });
    expect(only().hints).toEqual({});
  });

  it('of a session: whether it wrote', async () => {
    await runInSession(async () => {
      await orders().count();
      await ds.getRepository(Audit).insert({ what: 'session' });
      await orders().count();
    });
    expect(watching.seen.map(({ wrote }) => wrote)).toEqual([false, false, true]);
  });
});
