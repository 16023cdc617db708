import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RoutedDataSource, RouteRequest } from '@sluice/typeorm';
import { Router, useDatabase } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { Recorder } from './support/recorder.js';
import { Audit, Customer, Line, Order, Tag } from './support/shop.js';
import { startTwoPrimaries, type TwoPrimaries } from './support/two-primaries.js';

/** Lines and audits on the second primary, everything else on `default`. */
class LinesElsewhere extends Router {
  override dbForWrite({ model }: RouteRequest): string {
    return model === Line || model === Audit ? 'primary-2' : 'default';
  }
}

/** Orders and what belongs to them on the second primary. */
class OrdersElsewhere extends Router {
  override dbForWrite({ model }: RouteRequest): string {
    return [Order, Line, Tag].some((each) => each === model) ? 'primary-2' : 'default';
  }
}

/** A customer’s name says where the customer lives. */
class ByCustomer extends Router {
  override dbForWrite({ instance }: RouteRequest): string {
    return instance instanceof Customer && instance.name.startsWith('Z') ? 'primary-2' : 'default';
  }
}

const SPLIT = { code: 'SLUICE_SPLIT_WRITE' };

describe.each(ENGINES)('writes that would need two primaries on %s', (engine) => {
  let two: TwoPrimaries;
  let ds: RoutedDataSource;
  const logger = new Recorder();

  beforeAll(async () => {
    two = await startTwoPrimaries(engine);
  });
  afterAll(() => two?.stop());
  afterEach(async () => {
    await ds?.destroy();
    await two.empty('line', 'order_tags_tag', 'tag', 'order', 'customer', 'audit');
  });

  describe('one save', () => {
    beforeEach(async () => {
      ds = await two.open({ router: LinesElsewhere, typeorm: { logger } });
      logger.clear();
    });

    it('of a cascade graph is refused before any statement is sent', async () => {
      const saving = ds.getRepository(Order).save({ title: 'o', lines: [{ product: 'pen' }] });
      await expect(saving).rejects.toMatchObject(SPLIT);
      await expect(saving).rejects.toThrow(/Order.*default.*Line.*primary-2/);
      expect(logger.queries).toEqual([]);
      expect(await two.rows('order')).toEqual({ default: 0, 'primary-2': 0 });
    });

    it('of several entities is refused before any statement is sent', async () => {
      const entities = [Object.assign(new Tag(), { label: 't' }), Object.assign(new Audit(), { what: 'a' })];
      await expect(ds.manager.save(entities)).rejects.toMatchObject(SPLIT);
      expect(logger.queries).toEqual([]);
    });

    it('that empties a collection is refused before any statement is sent', async () => {
      const { id } = await ds.getRepository(Order).save({ title: 'o' });
      logger.clear();
      await expect(ds.getRepository(Order).save({ id, lines: [] })).rejects.toMatchObject(SPLIT);
      expect(logger.queries).toEqual([]);
    });

    it('of a graph of which one part is not touched goes through', async () => {
      await ds.getRepository(Order).save({ title: 'o', tags: [{ label: 't' }] });
      expect(await two.rows('order')).toEqual({ default: 1, 'primary-2': 0 });
      expect(await two.rows('order_tags_tag')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('by cascade is refused in remove, too', async () => {
      const orphan = Object.assign(new Order(), { id: 1, lines: [] });
      const audit = Object.assign(new Audit(), { id: 1 });
      await expect(ds.manager.remove([orphan, audit])).rejects.toMatchObject(SPLIT);
      expect(logger.queries).toEqual([]);
    });
  });

  it('a save whose entities share a primary takes the tables of its relations along', async () => {
    ds = await two.open({ router: OrdersElsewhere });
    await ds.getRepository(Order).save({ title: 'o', lines: [{ product: 'pen' }], tags: [{ label: 't' }] });
    for (const table of ['order', 'line', 'tag', 'order_tags_tag']) {
      expect(await two.rows(table)).toEqual({ default: 0, 'primary-2': 1 });
    }
  });

  describe('a router that looks at the object', () => {
    beforeEach(async () => {
      ds = await two.open({ router: ByCustomer, typeorm: { logger } });
      logger.clear();
    });

    it('sends each object to its own primary', async () => {
      const customers = ds.getRepository(Customer);
      await customers.save(customers.create({ name: 'Ada' }));
      await customers.save(customers.create({ name: 'Zoe' }));
      await customers.save(customers.create({ name: 'Zed' }));
      expect(await two.rows('customer')).toEqual({ default: 1, 'primary-2': 2 });
    });

    it('has a save of objects of two primaries refused', async () => {
      const customers = ds.getRepository(Customer);
      const both = [customers.create({ name: 'Ada' }), customers.create({ name: 'Zoe' })];
      await expect(customers.save(both)).rejects.toMatchObject(SPLIT);
      expect(logger.queries).toEqual([]);
    });
  });

  describe('a transaction', () => {
    beforeEach(async () => {
      ds = await two.open({ router: LinesElsewhere, typeorm: { logger } });
    });

    it.each([
      ['save', (manager: RoutedDataSource['manager']) => manager.save(Audit, { what: 'a' })],
      ['insert', (manager: RoutedDataSource['manager']) => manager.insert(Audit, { what: 'a' })],
      ['update', (manager: RoutedDataSource['manager']) => manager.update(Audit, { id: 1 }, { what: 'a' })],
      ['delete', (manager: RoutedDataSource['manager']) => manager.delete(Audit, { id: 1 })],
      ['clear', (manager: RoutedDataSource['manager']) => manager.clear(Audit)],
      [
        'a locking read',
        (manager: RoutedDataSource['manager']) =>
          manager.findOne(Audit, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } }),
      ],
    ])('refuses %s of an entity of another primary, unsent, and is rolled back', async (_name, write) => {
      logger.clear();
      const work = ds.transaction(async (manager) => {
        await manager.insert(Tag, { label: 't' });
        await write(manager);
      });
      await expect(work).rejects.toMatchObject(SPLIT);
      expect(logger.queries.filter((sql) => sql.includes('audit'))).toEqual([]);
      expect(logger.queries.at(-1)).toBe('ROLLBACK');
      expect(await two.rows('tag')).toEqual({ default: 0, 'primary-2': 0 });
    });

    it('goes on when the refusal is caught', async () => {
      await ds.transaction(async (manager) => {
        await expect(manager.save(Audit, { what: 'a' })).rejects.toMatchObject(SPLIT);
        await manager.insert(Tag, { label: 't' });
      });
      expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
    });

    it('may read entities of another primary on its own connection', async () => {
      await ds.transaction(async (manager) => {
        expect(await manager.find(Audit)).toEqual([]);
      });
    });

    it('runs where useDatabase says, and takes its writes', async () => {
      await useDatabase('primary-2', () =>
        ds.transaction(async (manager) => {
          await manager.save(Audit, { what: 'a' });
          await manager.insert(Audit, { what: 'b' });
        }),
      );
      expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 2 });
    });
  });

  it('a query runner of one’s own opens the transaction of a save where the save belongs', async () => {
    ds = await two.open({ router: LinesElsewhere });
    const runner = ds.createQueryRunner();
    await runner.manager.save(Audit, { what: 'a' });
    await runner.manager.save(Tag, { label: 't' });
    await runner.release();
    expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
    expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
  });

  it('raw SQL on a query runner is not taken for the entity before it', async () => {
    ds = await two.open({ router: LinesElsewhere });
    const runner = ds.createQueryRunner();
    await runner.manager.insert(Audit, { what: 'a' });
    await runner.query("INSERT INTO tag (label) VALUES ('t')");
    await runner.release();
    expect(await two.rows('audit')).toEqual({ default: 0, 'primary-2': 1 });
    expect(await two.rows('tag')).toEqual({ default: 1, 'primary-2': 0 });
  });
});
