import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Databases, RouteRequest, RoutedDataSource } from '@sluice/typeorm';
import { Router, useDatabase } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { Audit, Order, Tag } from './support/shop.js';
import { startTwoPrimaries, type TwoPrimaries } from './support/two-primaries.js';

/** Audits have a primary of their own. */
class AuditRouter extends Router {
  override dbForRead({ model }: RouteRequest): string | undefined {
    return model === Audit ? 'primary-2' : undefined;
  }
  override dbForWrite({ model }: RouteRequest): string | undefined {
    return model === Audit ? 'primary-2' : undefined;
  }
}

/** Everything goes to one database. */
class OneFor extends Router {
  readonly #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  override dbForRead(): string {
    return this.#name;
  }
  override dbForWrite(): string {
    return this.#name;
  }
}

describe.each(ENGINES)('routers of one’s own on %s', (engine) => {
  let two: TwoPrimaries;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    two = await startTwoPrimaries(engine);
  });
  afterAll(() => two?.stop());
  afterEach(async () => {
    await ds?.destroy();
    await two.empty('audit', 'order_tags_tag', 'tag', 'order');
  });

  describe('that route one entity to a primary of its own', () => {
    beforeEach(async () => {
      ds = await two.open({ router: AuditRouter });
    });

    const audits = () => ds.getRepository(Audit);

    it('write that entity there with save, and everything else to default', async () => {
      await audits().save({ what: 'a' });
      await ds.getRepository(Tag).save({ label: 't' });
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
      expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('write many at once there', async () => {
      await audits().save([{ what: 'a' }, { what: 'b' }, { what: 'c' }], { chunk: 1 });
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 3 });
    });

    it('insert, update, upsert and increment it there', async () => {
      const { identifiers } = await audits().insert({ what: 'a' });
      const id = Number(identifiers[0]?.['id']);
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
      await audits().update({ id }, { what: 'b' });
      expect((await audits().findOneByOrFail({ id })).what).toBe('b');
      await audits().upsert({ id, what: 'c' }, ['id']);
      const upserted = await audits().findOneByOrFail({ what: 'c' });
      await audits().increment({ id: upserted.id }, 'id', 100);
      expect(await audits().existsBy({ id: upserted.id + 100 })).toBe(true);
      expect((await two.rows('audit'))['default']).toBe(0);
    });

    it('delete, remove and clear it there', async () => {
      const [first, second] = await audits().save([{ what: 'a' }, { what: 'b' }, { what: 'c' }]);
      await audits().delete({ id: first!.id });
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 2 });
      await audits().remove(await audits().findBy({ id: second!.id }));
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
      await audits().clear();
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 0 });
    });

    it('change it there through query builders', async () => {
      await ds.createQueryBuilder().insert().into(Audit).values({ what: 'a' }).execute();
      await audits().createQueryBuilder().update().set({ what: 'b' }).where({ what: 'a' }).execute();
      expect(await audits().existsBy({ what: 'b' })).toBe(true);
      await audits().createQueryBuilder().delete().where({ what: 'b' }).execute();
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 0 });
    });

    it('read it there, and everything else elsewhere', async () => {
      const audit = await audits().save({ what: 'a' });
      const tag = await ds.getRepository(Tag).save({ label: 't' });
      expect((await audits().findOneByOrFail({ id: audit.id })).servedBy).toBe(two.databases['primary-2']!.port);
      expect((await ds.getRepository(Tag).findOneByOrFail({ id: tag.id })).servedBy).toBe(
        two.databases['default']!.port,
      );
      expect(await audits().count()).toBe(1);
    });

    it('run the transaction of one save there', async () => {
      const audit = await audits().save({ what: 'a' });
      await audits().save(Object.assign(audit, { what: 'b' }));
      expect((await audits().findOneByOrFail({ id: audit.id })).what).toBe('b');
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
    });

    it('connect many to many through the owner’s primary', async () => {
      const order = await ds.getRepository(Order).save({ title: 'o' });
      const tag = await ds.getRepository(Tag).save({ label: 't' });
      await ds.createQueryBuilder().relation(Order, 'tags').of(order).add(tag);
      expect(await two.rows('order_tags_tag')).toEqual({ default: 1, 'primary-2': 0 });
    });
  });

  describe('in a chain', () => {
    it('are asked in order: the first opinion wins', async () => {
      ds = await two.open({ routers: [AuditRouter, new OneFor('default')] });
      await ds.getRepository(Audit).insert({ what: 'a' });
      await ds.getRepository(Tag).insert({ label: 't' });
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
      expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('never reach the second one when the first has an opinion on everything', async () => {
      ds = await two.open({ routers: [new OneFor('default'), AuditRouter] });
      await ds.getRepository(Audit).insert({ what: 'a' });
      expect(await two.rows('audit')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('leave both reads and writes to default when none has an opinion', async () => {
      ds = await two.open({ routers: [AuditRouter] });
      const tag = await ds.getRepository(Tag).save({ label: 't' });
      expect((await ds.getRepository(Tag).findOneByOrFail({ id: tag.id })).servedBy).toBe(
        two.databases['default']!.port,
      );
    });

    it('give way to an explicit database', async () => {
      ds = await two.open({ routers: [new OneFor('default'), AuditRouter] });
      await useDatabase('primary-2', () => ds.getRepository(Tag).insert({ label: 't' }));
      expect(await two.rows('tag')).toEqual({ default: 0, 'primary-2': 1 });
    });

    it('may be plain objects with one hook', async () => {
      const onlyReads = { dbForRead: () => 'primary-2' } as unknown as Router;
      ds = await two.open({ routers: [onlyReads] });
      const { id } = await ds.getRepository(Tag).save({ label: 't' });
      expect(await ds.getRepository(Tag).findOneBy({ id })).toBeNull();
      expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('may answer a database of the picture they are given', async () => {
      class Last extends Router {
        override dbForWrite(_request: RouteRequest, { primaries }: Databases) {
          return primaries.at(-1);
        }
      }
      ds = await two.open({ router: Last });
      await ds.getRepository(Tag).insert({ label: 't' });
      expect(await two.rows('tag')).toEqual({ default: 0, 'primary-2': 1 });
    });
  });
});
