import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { ReplicaRouter, usePrimary } from '@sluice/typeorm';
import type {
  DataSource,
  EntitySubscriberInterface,
  InsertEvent,
  LoadEvent,
  QueryRunner,
  RemoveEvent,
  TransactionCommitEvent,
  UpdateEvent,
} from 'typeorm';
import {
  AfterInsert,
  AfterLoad,
  BaseEntity,
  BeforeInsert,
  Column,
  Entity,
  EventSubscriber,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, portOf, whoRuns } from './support/opened.js';
import { routesDuring } from './support/routes.js';
import { during, plainOptions, stock } from './support/side-by-side.js';
import { Audit, Line, Order, SHOP, Tag } from './support/shop.js';

let servers: Servers;
let told: string[] = [];

/** Tells everything that TypeORM tells a subscriber. */
@EventSubscriber()
class Listening implements EntitySubscriberInterface {
  beforeInsert = (event: InsertEvent<any>) => this.#tell('beforeInsert', event);
  afterInsert = (event: InsertEvent<any>) => this.#tell('afterInsert', event);
  beforeUpdate = (event: UpdateEvent<any>) => this.#tell('beforeUpdate', event);
  afterUpdate = (event: UpdateEvent<any>) => this.#tell('afterUpdate', event);
  beforeRemove = (event: RemoveEvent<any>) => this.#tell('beforeRemove', event);
  afterRemove = (event: RemoveEvent<any>) => this.#tell('afterRemove', event);
  beforeTransactionStart = (event: TransactionCommitEvent) => this.#tell('beforeTransactionStart', event);
  afterTransactionStart = (event: TransactionCommitEvent) => this.#tell('afterTransactionStart', event);
  beforeTransactionCommit = (event: TransactionCommitEvent) => this.#tell('beforeTransactionCommit', event);
  afterTransactionCommit = (event: TransactionCommitEvent) => this.#tell('afterTransactionCommit', event);
  beforeTransactionRollback = (event: TransactionCommitEvent) => this.#tell('beforeTransactionRollback', event);
  afterTransactionRollback = (event: TransactionCommitEvent) => this.#tell('afterTransactionRollback', event);
  beforeQuery = (event: { readonly query: string; readonly queryRunner: QueryRunner }) =>
    void told.push(`beforeQuery ${event.query.slice(0, 12)} ${event.queryRunner.isTransactionActive}`);
  afterQuery = (event: { readonly success: boolean }) => void told.push(`afterQuery ${event.success}`);
  afterLoad = (entity: object) => void told.push(`afterLoad ${entity.constructor.name}`);

  #tell(name: string, event: { readonly queryRunner: QueryRunner; readonly manager: QueryRunner['manager'] }): void {
    const { queryRunner, manager } = event;
    const own = manager.queryRunner === queryRunner && queryRunner.manager === manager;
    told.push(`${name} ${own} ${queryRunner.isTransactionActive} ${queryRunner.isReleased}`);
  }
}

let act:
  | ((event: { readonly queryRunner: QueryRunner; readonly manager: QueryRunner['manager'] }) => Promise<void>)
  | undefined;

/** Does what a test wants done while a tag is loaded or saved. */
@EventSubscriber()
class Acting implements EntitySubscriberInterface<Tag> {
  listenTo = () => Tag;
  afterLoad = async (_tag: Tag, event?: LoadEvent<Tag>) => act?.(event!);
  beforeInsert = async (event: InsertEvent<Tag>) => act?.(event);
}

@Entity()
class Listener extends BaseEntity {
  @PrimaryGeneratedColumn()
  id!: number;
  @Column()
  label!: string;
  @BeforeInsert()
  shout(): void {
    this.label = this.label.toUpperCase();
  }
  @AfterInsert()
  inserted(): void {
    told.push(`inserted ${this.label}`);
  }
  @AfterLoad()
  loaded(): void {
    told.push(`loaded ${this.label}`);
  }
}

describe.each(ENGINES)('subscribers on %s', (engine) => {
  let ds: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine);
    ds = await opened(servers, {
      router: new ReplicaRouter(),
      typeorm: { subscribers: [Acting], entities: [...SHOP, Listener] },
    });
    await ds.getRepository(Tag).save({ label: 'first' });
    await servers.caughtUp();
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });
  beforeEach(() => {
    told = [];
    act = undefined;
  });

  it('hear the same events in the same order as in TypeORM', async () => {
    const story = async (source: DataSource): Promise<string[]> => {
      told = [];
      const orders = source.getRepository(Order);
      const order = await orders.save({ title: 'a', lines: [{ product: 'p' }], tags: [{ label: 't' }] });
      await orders.save({ id: order.id, title: 'b' });
      await usePrimary(() => orders.find({ where: { id: order.id }, relations: { lines: true } }));
      await orders.update({ id: order.id }, { paid: 3 });
      await source.transaction(async (manager) => {
        await manager.insert(Audit, { what: 'x' });
        await manager.transaction((nested) => nested.delete(Audit, { what: 'x' }));
      });
      await source.transaction(() => Promise.reject(new Error('undone'))).catch(() => undefined);
      await source.query('SELECT no_such_column').catch(() => undefined);
      await orders.remove(await usePrimary(() => orders.findBy({ title: 'none' })));
      await source.getRepository(Audit).remove(await source.getRepository(Audit).save({ what: 'gone' }));
      return [...told];
    };
    const theirs = await during(stock({ ...plainOptions(servers), subscribers: [Listening] }), story);
    const routed = await opened(servers, { router: new ReplicaRouter(), typeorm: { subscribers: [Listening] } });
    const ours = await story(routed);
    await routed.destroy();
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(60);
    await servers.caughtUp();
  });

  it('hear of entity listeners’ work as in TypeORM', async () => {
    const listeners = ds.getRepository(Listener);
    await listeners.save(listeners.create({ label: 'quiet' }));
    await servers.caughtUp();
    expect(await listeners.findOneBy({ label: 'QUIET' })).toMatchObject({ label: 'QUIET' });
    expect(told).toEqual(['inserted QUIET', 'loaded QUIET']);
  });

  const first = () => ds.getRepository(Tag).findOneByOrFail({ label: 'first' });

  it('read in afterLoad from the database that the entity came from', async () => {
    const ports: number[] = [];
    act = async ({ manager }) => {
      const [row] = await manager.createQueryBuilder(Audit, 'a').select('1').limit(1).getRawMany();
      expect(row).toBeUndefined();
    };
    for (let turn = 0; turn < 4; turn += 1) {
      const taken = await routesDuring(ds, async () => ports.push((await first()).servedBy));
      expect(taken).toHaveLength(2);
      expect(new Set(taken).size).toBe(1);
      expect(servers.server(taken[0]!).port).toBe(ports.at(-1));
    }
    expect(new Set(ports)).toEqual(new Set([portOf(servers, 'replica-1'), portOf(servers, 'replica-2')]));
  });

  it('write in afterLoad to the primary, also where the entity came from a replica', async () => {
    act = async ({ manager }) => {
      act = undefined;
      await manager.save(Audit, { what: 'loaded' });
      await manager.insert(Audit, { what: 'loaded, too' });
    };
    const tag = await first();
    expect(tag.servedBy).not.toBe(servers.primary.port);
    expect(await usePrimary(() => ds.getRepository(Audit).countBy({ what: 'loaded' }))).toBe(1);
    expect(await usePrimary(() => ds.getRepository(Audit).countBy({ what: 'loaded, too' }))).toBe(1);
  });

  it('read and write in beforeInsert in the transaction of the save', async () => {
    let port: number | undefined;
    act = async ({ manager, queryRunner }) => {
      act = undefined;
      expect(queryRunner.isTransactionActive).toBe(true);
      port = await whoRuns(queryRunner, servers);
      const line = await manager.save(Line, { product: 'by a subscriber' });
      expect((await manager.findOneByOrFail(Line, { id: line.id })).servedBy).toBe(servers.primary.port);
    };
    await ds.getRepository(Tag).save({ label: 'second' });
    expect(port).toBe(servers.primary.port);
    expect(await usePrimary(() => ds.getRepository(Line).countBy({ product: 'by a subscriber' }))).toBe(1);
  });

  it('that throw undo the save, and their error arrives unchanged', async () => {
    const error = new RangeError('from a subscriber');
    act = () => {
      act = undefined;
      return Promise.reject(error);
    };
    await expect(ds.getRepository(Tag).save({ label: 'never' })).rejects.toBe(error);
    expect(await usePrimary(() => ds.getRepository(Tag).countBy({ label: 'never' }))).toBe(0);
  });
});
