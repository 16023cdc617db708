import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import {
  leastBusy,
  PinningReplicaRouter,
  readTransaction,
  ReplicaRouter,
  runInSession,
  usePrimary,
} from '@sluice/typeorm';
import type { EntitySubscriberInterface, InsertEvent, LoadEvent } from 'typeorm';
import { EventSubscriber } from 'typeorm';
import { ENGINES } from './support/engines.js';
import type { Options } from './support/opened.js';
import { onServers } from './support/scene.js';
import { Audit, Customer, Order, Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';

/** With one connection to each database, whatever keeps one too long or wants a second one hangs. */
describe.each(ENGINES)('one connection to each database of %s', (engine) => {
  const scene = onServers(engine);
  const open = (options: Options = {}): Promise<RoutedDataSource> =>
    scene.open({ ...options, typeorm: { poolSize: 1, ...options.typeorm } });
  const idle = (source: RoutedDataSource): void => {
    expect(source.cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  };

  /** Two customers with two orders of two lines each, replicated. */
  async function stocked(source: RoutedDataSource): Promise<void> {
    for (const name of ['Ada', 'Bob']) {
      const customer = await source.getRepository(Customer).save({ name });
      for (const title of ['first', 'second']) {
        const order = source.getRepository(Order).create({ title, lines: [{ product: 'pen' }, { product: 'ink' }] });
        order.customer = Promise.resolve(customer);
        await source.getRepository(Order).save(order);
      }
    }
    await scene.servers.caughtUp();
  }

  describe('serves a cached find', () => {
    const cached = async (options: Options = {}): Promise<RoutedDataSource> => {
      const source = await open({ ...options, typeorm: { cache: true } });
      await source.synchronize();
      await scene.servers.caughtUp();
      return source;
    };
    const find = (source: RoutedDataSource) =>
      source.getRepository(Tag).find({ take: 1, cache: { id: 'tags', milliseconds: 60_000 } });

    it('from a replica, once', async () => {
      const source = await cached();
      const [first] = await find(source);
      const [again] = await find(source);
      expect(again).toEqual(first);
      expect(scene.replicas).toContain(first!.servedBy);
      await source.queryResultCache?.remove(['tags']);
      idle(source);
    });

    it('from the primary', async () => {
      const source = await cached();
      await usePrimary(() => find(source));
      await usePrimary(() => find(source));
      await source.queryResultCache?.clear();
      idle(source);
    });

    it('in a pinned session', async () => {
      const source = await cached({ router: new PinningReplicaRouter() });
      await runInSession(async () => {
        await source.getRepository(Tag).insert({ label: 'pins' });
        await find(source);
      });
      idle(source);
    });

    it('in a transaction', async () => {
      const source = await cached();
      await source.transaction(async (manager) => {
        await manager.find(Tag, { take: 1, cache: true });
        await manager.find(Tag, { take: 1, cache: true });
      });
      idle(source);
    });

    it('to many at once', async () => {
      const source = await cached();
      await Promise.all(Array.from({ length: 20 }, () => find(source)));
      idle(source);
    });
  });

  it('serves relations with the query strategy, and pages of joined ones', async () => {
    const source = await open();
    await stocked(source);
    const repository = source.getRepository(Order);
    const relations = { lines: true, tags: true } as const;
    const found = await Promise.all([
      repository.find({ relations, relationLoadStrategy: 'query' }),
      repository.findAndCount({ relations, take: 2 }).then(([orders]) => orders),
      repository.find({ relations, relationLoadStrategy: 'query' }),
    ]);
    for (const orders of found) expect(orders[0]!.lines).toHaveLength(2);
    idle(source);
  });

  it('serves lazy relations in a loop, and all at once', async () => {
    const source = await open();
    await stocked(source);
    const customers = await source.getRepository(Customer).find();
    for (const customer of customers) {
      for (const order of await customer.orders) expect((await order.customer)?.id).toBe(customer.id);
    }
    const orders = await source.getRepository(Order).find();
    await Promise.all(orders.map((order) => order.customer));
    idle(source);
  });

  it('serves reads of other repositories inside a transaction from the replicas', async () => {
    const source = await open();
    await stocked(source);
    await source.transaction(async (manager) => {
      await manager.insert(Tag, { label: 'outer' });
      for (let turn = 0; turn < 3; turn += 1) {
        expect(scene.replicas).toContain((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy);
        const [order] = await manager.find(Order, { take: 1 });
        expect(await order!.customer).not.toBeNull();
      }
      await manager.transaction((nested) => nested.insert(Tag, { label: 'nested' }));
    });
    idle(source);
  });

  it('serves transactions that only read, one after the other and at once', async () => {
    const source = await open();
    const read = () => readTransaction(source, (manager) => manager.find(Tag, { take: 1 }));
    for (let turn = 0; turn < 3; turn += 1) await read();
    await Promise.all([read(), read(), read(), read()]);
    idle(source);
  });

  it('serves subscribers, who read and write with the event’s own manager', async () => {
    let loaded = 0;
    @EventSubscriber()
    class Reader implements EntitySubscriberInterface<Tag> {
      listenTo = () => Tag;
      afterLoad = async (_tag: Tag, event?: LoadEvent<Tag>): Promise<void> => {
        loaded += 1;
        await event?.manager.count(Customer);
      };
      afterInsert = async ({ manager }: InsertEvent<Tag>): Promise<void> => {
        await manager.insert(Audit, { what: 'a tag' });
        await manager.find(Audit, { take: 1 });
      };
    }
    const source = await open({ typeorm: { subscribers: [Reader] } });
    await source.getRepository(Tag).save([{ label: 'heard' }, { label: 'heard' }]);
    await source.getRepository(Tag).insert({ label: 'heard' });
    await source.getRepository(Tag).find();
    expect(await tagsLabelled(scene, 'heard')).toBe(3);
    expect(await usePrimary(() => source.getRepository(Audit).count())).toBe(3);
    expect(loaded).toBeGreaterThan(0);
    idle(source);
  });

  it('serves a stream, and the reads beside it from the replica that is less busy', async () => {
    const source = await open({ router: new ReplicaRouter({ select: leastBusy() }) });
    const stream = await source.getRepository(Tag).createQueryBuilder('tag').stream();
    for await (const _row of stream) await source.getRepository(Tag).count();
    idle(source);
  });

  it('serves saves with cascades, removes and raw SQL at once', async () => {
    const source = await open();
    const order = () =>
      source.getRepository(Order).save({ title: 'at once', lines: [{ product: 'pen' }], tags: [{ label: 'many' }] });
    const orders = await Promise.all(Array.from({ length: 10 }, order));
    await Promise.all([
      source.query('SELECT 1'),
      ...orders.map(({ id }) => source.getRepository(Order).update({ id }, { paid: 1 })),
      source.getRepository(Tag).save({ label: 'one more' }),
    ]);
    expect(orders).toHaveLength(10);
    idle(source);
  });
});

describe('a connection that somebody asked the driver of postgres for', () => {
  const scene = onServers('postgres');
  type Obtained = readonly [client: object, release: () => void];
  interface Driver {
    readonly master: { readonly idleCount: number };
    obtainMasterConnection(): Promise<Obtained>;
  }

  it('is given back once, however often they say so: the next one to have it keeps it', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const driver = source.driver as unknown as Driver;
    const [first, release] = await driver.obtainMasterConnection();
    release();
    expect(driver.master.idleCount).toBe(1);
    const [second, releaseSecond] = await driver.obtainMasterConnection();
    expect(second).toBe(first);
    release();
    expect(driver.master.idleCount).toBe(0);
    releaseSecond();
    expect(driver.master.idleCount).toBe(1);
  });
});
