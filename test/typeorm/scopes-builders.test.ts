import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { PinningReplicaRouter, runInSession, useDatabase, UsePrimary, usePrimary, useReplica } from '@sluice/typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import { ENGINES, startServers, whoSql } from './support/engines.js';
import { opened, portOf } from './support/opened.js';
import { routesDuring } from './support/routes.js';
import { Audit, Line, Order, Tag } from './support/shop.js';

describe.each(ENGINES)('query builders and scopes on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  let primary: number;
  let replica: number;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    ds = await opened(servers, { router: new PinningReplicaRouter() });
    [primary, replica] = [servers.primary.port, portOf(servers, 'replica-1')];
    await ds.getRepository(Order).save([
      { title: 'a', lines: [{ product: 'p' }, { product: 'q' }], tags: [{ label: 't' }] },
      { title: 'b', lines: [{ product: 'r' }] },
    ]);
    await servers.caughtUp();
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });

  const orders = () => ds.getRepository(Order).createQueryBuilder('o');
  const withPort = (builder: SelectQueryBuilder<Order>) => builder.select(`(${whoSql()})`, 'port');
  const portIn = (row: unknown): number => Number((row as { port: unknown }).port);
  const taken = (work: () => Promise<unknown>): Promise<string[]> => routesDuring(ds, work);

  describe('a builder made inside usePrimary and run outside stays on the primary', () => {
    const made = () => usePrimary(() => orders());

    it.each([
      ['getMany', async () => (await made().getMany())[0]?.servedBy],
      ['getOne', async () => (await made().where("o.title = 'a'").getOne())?.servedBy],
      ['getOneOrFail', async () => (await made().where("o.title = 'a'").getOneOrFail()).servedBy],
      ['getManyAndCount', async () => (await made().getManyAndCount())[0][0]?.servedBy],
      ['getRawAndEntities', async () => (await made().getRawAndEntities()).entities[0]?.servedBy],
      ['getRawMany', async () => portIn((await withPort(made()).getRawMany())[0])],
      ['getRawOne', async () => portIn(await withPort(made()).limit(1).getRawOne())],
      ['execute', async () => portIn((await withPort(made()).execute())[0])],
      ['clone()', async () => (await made().clone().getMany())[0]?.servedBy],
      ['a clone of a clone', async () => portIn((await withPort(made().clone()).clone().getRawMany())[0])],
    ])('%s', async (_name, run) => {
      expect(await run()).toBe(primary);
    });

    it.each([
      ['getCount', () => made().getCount()],
      ['getExists', () => made().getExists()],
      ['getManyAndCount', () => made().getManyAndCount()],
      ['a page over a join', () => made().leftJoinAndSelect('o.lines', 'l').take(1).skip(0).getManyAndCount()],
      ['relation ids', () => made().loadAllRelationIds().getMany()],
      [
        'relations loaded by queries of their own',
        () =>
          usePrimary(() =>
            orders().setFindOptions({ relations: { lines: true, tags: true }, relationLoadStrategy: 'query' }),
          ).getMany(),
      ],
    ])('with every statement: %s', async (_name, run) => {
      const databases = await taken(run);
      expect(databases.length).toBeGreaterThan(0);
      expect(new Set(databases)).toEqual(new Set(['default']));
    });

    it('stream, also when it is read later', async () => {
      const builder = withPort(made());
      const stream = await builder.stream();
      const rows: unknown[] = [];
      for await (const row of stream) rows.push(row);
      expect(portIn(rows[0])).toBe(primary);
    });

    it('a stream that was opened inside and is read outside', async () => {
      const stream = await usePrimary(() => withPort(orders()).stream());
      const rows: unknown[] = [];
      for await (const row of stream) rows.push(row);
      expect(rows.map(portIn)).toEqual([primary, primary]);
    });

    it('a builder from dataSource, manager and repository alike', async () => {
      const builders = usePrimary(() => [
        ds.createQueryBuilder(Order, 'o'),
        ds.manager.createQueryBuilder(Order, 'o'),
        ds.getRepository(Order).createQueryBuilder('o'),
        ds.createQueryBuilder().select('o').from(Order, 'o'),
        Order.createQueryBuilder('o'),
      ]);
      for (const builder of builders) expect((await builder.getMany())[0]?.servedBy).toBe(primary);
    });
  });

  it('a builder made inside useDatabase stays on that database', async () => {
    const builder = useDatabase('default', () => orders());
    expect((await builder.getMany())[0]?.servedBy).toBe(primary);
    expect((await useDatabase('replica-1', () => orders()).getMany())[0]?.servedBy).toBe(replica);
  });

  it.each([
    [
      'update',
      (builder: SelectQueryBuilder<Order>) => builder.update().set({ paid: 1 }).where({ title: 'none' }).execute(),
    ],
    ['delete', (builder: SelectQueryBuilder<Order>) => builder.delete().where({ title: 'none' }).execute()],
    ['insert', (builder: SelectQueryBuilder<Order>) => builder.insert().values({ title: 'never' }).execute()],
  ])('a builder made inside useReplica and turned into %s outside is refused', async (_name, run) => {
    const builder = useReplica(() => ds.getRepository(Order).createQueryBuilder());
    await expect(run(builder)).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
  });

  it('a relation builder made inside useReplica is refused when it writes outside', async () => {
    const relation = useReplica(() => ds.createQueryBuilder().relation(Order, 'tags').of(1));
    await expect(relation.add(1)).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
  });

  it('a builder made inside useReplica still reads a replica in a session that has written', async () => {
    await runInSession(async () => {
      const builder = useReplica(() => orders());
      await ds.getRepository(Audit).insert({ what: 'w' });
      expect((await builder.getMany())[0]?.servedBy).toBe(replica);
      expect((await orders().getMany())[0]?.servedBy).toBe(primary);
    });
  });

  it('a builder made inside one scope keeps it inside another', async () => {
    const builder = usePrimary(() => orders());
    expect((await useReplica(() => builder.getMany()))[0]?.servedBy).toBe(primary);
  });

  it('a builder made outside follows the scope in which it runs', async () => {
    const builder = orders();
    expect((await usePrimary(() => builder.getMany()))[0]?.servedBy).toBe(primary);
    expect((await useReplica(() => builder.getMany()))[0]?.servedBy).toBe(replica);
    expect((await builder.getMany())[0]?.servedBy).toBe(replica);
  });

  it('a builder belongs to the session in which it runs', async () => {
    const builder = orders();
    await runInSession(async () => {
      await ds.getRepository(Audit).insert({ what: 'w' });
      expect((await builder.getMany())[0]?.servedBy).toBe(primary);
    });
    expect((await builder.getMany())[0]?.servedBy).toBe(replica);
  });

  it('a builder returned from a decorated method keeps the method’s scope', async () => {
    class Orders {
      @UsePrimary()
      recent() {
        return orders().orderBy('o.id', 'DESC');
      }
      @UsePrimary()
      async loaded() {
        return { builder: orders() };
      }
    }
    expect((await new Orders().recent().getMany())[0]?.servedBy).toBe(primary);
    const { builder } = await new Orders().loaded();
    expect((await builder.getMany())[0]?.servedBy).toBe(primary);
  });

  it('a builder with a runner of its own in a transaction stays in it, whatever scope it was made in', async () => {
    await ds.transaction(async (manager) => {
      const { id } = await manager.save(Tag, { label: 'uncommitted' });
      const builder = useReplica(() => manager.createQueryBuilder(Tag, 't').where({ id }));
      expect((await builder.getOneOrFail()).servedBy).toBe(primary);
    });
  });

  it('a subquery is read where the query around it is', async () => {
    const builder = usePrimary(() => {
      const sub = orders().subQuery().select('l.orderId').from(Line, 'l').getQuery();
      return orders().where(`o.id IN ${sub}`);
    });
    expect((await builder.getMany())[0]?.servedBy).toBe(primary);
  });

  it('a lazy relation is read in the scope in which it is first touched', async () => {
    const { Customer } = await import('./support/shop.js');
    const customer = await ds.getRepository(Customer).save({ name: 'Ada' });
    const order = ds.getRepository(Order).create({ title: 'lazy' });
    order.customer = Promise.resolve(customer);
    await ds.getRepository(Order).save(order);
    await servers.caughtUp();
    const touched = async (): Promise<number | undefined> => {
      const found = await usePrimary(() => ds.getRepository(Order).findOneByOrFail({ title: 'lazy' }));
      return (await found.customer)?.servedBy;
    };
    expect(await touched()).toBe(replica);
    expect(await usePrimary(touched)).toBe(primary);
  });
});
