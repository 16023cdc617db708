import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { ObjectRef, RoutedDataSource } from '@sluice/typeorm';
import { ReplicaRouter, Router, useDatabase, usePrimary } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened, routed } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { Customer, Line, Order, Tag } from './support/shop.js';

/** Answers what it is told to, and keeps what it was asked. */
class Relations extends Router {
  answer: boolean | undefined;
  readonly asked: (readonly [ObjectRef, ObjectRef])[] = [];
  override allowRelation(a: ObjectRef, b: ObjectRef): boolean | undefined {
    this.asked.push([a, b]);
    return this.answer;
  }
}

const REFUSED = { code: 'SLUICE_RELATION_REFUSED' };

/** Two clusters on the same servers, so that an object of one fits into the tables of the other. */
describe.each(ENGINES)('relations between objects on %s', (engine) => {
  let servers: Servers;
  let shop: RoutedDataSource;
  let archive: RoutedDataSource;
  const relations = new Relations();
  const logger = new Recorder();

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    shop = await opened(servers, { name: 'shop', routers: [relations, new ReplicaRouter()], typeorm: { logger } });
    archive = await routed(servers, { name: 'archive' }).initialize();
  });
  afterAll(async () => {
    await shop?.destroy();
    await archive?.destroy();
    await servers?.stop();
  });
  beforeEach(() => {
    relations.answer = undefined;
    relations.asked.length = 0;
  });
  afterEach(() => servers.caughtUp());

  const tags = (ds: RoutedDataSource) => ds.getRepository(Tag);
  const orders = () => shop.getRepository(Order);
  const archivedTag = async (): Promise<Tag> => {
    const { id } = await tags(archive).save({ label: 'old' });
    return usePrimary(() => tags(archive).findOneByOrFail({ id }));
  };

  it('within one cluster are allowed, from whichever database the objects came', async () => {
    const [a, b] = await tags(shop).save([{ label: 'a' }, { label: 'b' }]);
    await servers.caughtUp();
    const fromReplica = await useDatabase('replica-1', () => tags(shop).findOneByOrFail({ id: a!.id }));
    const fromPrimary = await useDatabase('default', () => tags(shop).findOneByOrFail({ id: b!.id }));
    const order = await orders().save({ title: 'o', tags: [fromReplica, fromPrimary] });
    const found = await usePrimary(() =>
      orders().findOneOrFail({ where: { id: order.id }, relations: { tags: true } }),
    );
    expect(found.tags).toHaveLength(2);
  });

  it('of new objects are allowed', async () => {
    await expect(
      orders().save({ title: 'o', tags: [{ label: 'new' }], lines: [{ product: 'p' }] }),
    ).resolves.toBeDefined();
  });

  it('of an object loaded from another cluster are refused before anything is sent', async () => {
    const tag = await archivedTag();
    logger.clear();
    const saving = orders().save({ title: 'o', tags: [tag] });
    await expect(saving).rejects.toMatchObject(REFUSED);
    await expect(saving).rejects.toThrow(/Order.*shop.*Tag.*archive/);
    expect(logger.queries).toEqual([]);
  });

  it('of an object saved to another cluster are refused', async () => {
    const tag = tags(archive).create({ label: 'saved there' });
    await tags(archive).save(tag);
    await expect(orders().save({ title: 'o', tags: [tag] })).rejects.toMatchObject(REFUSED);
  });

  it('of an object joined in another cluster are refused', async () => {
    const made = await archive.getRepository(Order).save({ title: 'o', tags: [{ label: 'joined' }] });
    const archived = await usePrimary(() =>
      archive.getRepository(Order).findOneOrFail({ where: { id: made.id }, relations: { tags: true } }),
    );
    await expect(orders().save({ title: 'o', tags: archived.tags })).rejects.toMatchObject(REFUSED);
  });

  it('are refused in the depth of a graph', async () => {
    const order = Object.assign(new Order(), { title: 'o', tags: [await archivedTag()] });
    const line = Object.assign(new Line(), { product: 'p', order });
    order.lines = [line];
    logger.clear();
    await expect(orders().save(order)).rejects.toMatchObject(REFUSED);
    expect(logger.queries).toEqual([]);
  });

  it('of copies made by create and merge are refused as those of their originals', async () => {
    const tag = await archivedTag();
    await expect(orders().save(orders().create({ title: 'o', tags: [tag] }))).rejects.toMatchObject(REFUSED);
    const merged = orders().merge(new Order(), { title: 'o', tags: [tag] });
    await expect(orders().save(merged)).rejects.toMatchObject(REFUSED);
    const customer = await archive.getRepository(Customer).save({ name: 'Ada' });
    await expect(orders().save(orders().create({ title: 'o', customer: customer as never }))).rejects.toMatchObject(
      REFUSED,
    );
  });

  it('through a lazy relation are refused, too', async () => {
    const customer = await archive.getRepository(Customer).save({ name: 'Ada' });
    const order = orders().create({ title: 'o' });
    order.customer = Promise.resolve(customer);
    await expect(orders().save(order)).rejects.toMatchObject(REFUSED);
  });

  it('in a transaction are refused', async () => {
    const tag = await archivedTag();
    const work = shop.transaction((manager) => manager.save(Order, { title: 'o', tags: [tag] }));
    await expect(work).rejects.toMatchObject(REFUSED);
  });

  it('across clusters are allowed if a router says so', async () => {
    relations.answer = true;
    const tag = await archivedTag();
    const order = await orders().save({ title: 'o', tags: [tag] });
    const found = await usePrimary(() =>
      orders().findOneOrFail({ where: { id: order.id }, relations: { tags: true } }),
    );
    expect(found.tags.map(({ id }) => id)).toEqual([tag.id]);
  });

  it('within one cluster are refused if a router says so', async () => {
    relations.answer = false;
    await expect(orders().save({ title: 'o', tags: [{ label: 'new' }] })).rejects.toMatchObject(REFUSED);
  });

  it('show a router the objects, their clusters and their databases', async () => {
    const { id } = await tags(shop).save({ label: 'a' });
    await servers.caughtUp();
    const own = await useDatabase('replica-1', () => tags(shop).findOneByOrFail({ id }));
    const foreign = await archivedTag();
    relations.answer = true;
    const order = Object.assign(new Order(), { title: 'o', tags: [own, foreign] });
    relations.asked.length = 0;
    await orders().save(order);
    expect(relations.asked).toHaveLength(2);
    const [[owner, first], [, second]] = relations.asked as [[ObjectRef, ObjectRef], [ObjectRef, ObjectRef]];
    expect(owner).toEqual({ model: Order, instance: order, cluster: undefined, database: undefined });
    expect(first).toMatchObject({ model: Tag, instance: own, cluster: 'shop', database: { name: 'replica-1' } });
    expect(second).toMatchObject({ model: Tag, instance: foreign, cluster: 'archive', database: undefined });
  });

  it('of an object of another cluster of the same name are refused', async () => {
    const twin = await routed(servers, { name: 'shop' }).initialize();
    try {
      const tag = await tags(twin).save({ label: 'twin' });
      await expect(orders().save({ title: 'o', tags: [tag] })).rejects.toMatchObject(REFUSED);
    } finally {
      await twin.destroy();
    }
  });

  it('leave an entity free to be saved again to the cluster it came from', async () => {
    const tag = await archivedTag();
    tag.label = 'renamed';
    await tags(archive).save(tag);
    expect((await usePrimary(() => tags(archive).findOneByOrFail({ id: tag.id }))).label).toBe('renamed');
  });
});
