import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database, MigrateRequest, RoutedDataSource } from '@sluice/typeorm';
import { Router, useDatabase } from '@sluice/typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { Audit, Tag } from './support/shop.js';
import { EveryPrimary, startTwoPrimaries, type TwoPrimaries } from './support/two-primaries.js';

class CreateNotes1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (id int PRIMARY KEY)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note');
  }
}

/** Audits live on the second primary and nowhere else, everything else on `default`. */
class AuditsElsewhere extends Router {
  readonly asked = new Set<unknown>();
  override allowMigrate({ name }: Database, { model, operation }: MigrateRequest): boolean | undefined {
    this.asked.add(model);
    if (operation !== 'synchronize' || model === undefined) return undefined;
    return (model === Audit) === (name === 'primary-2');
  }
}

describe.each(ENGINES)('changes of the schema on two primaries, on %s', (engine) => {
  let two: TwoPrimaries;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    two = await startTwoPrimaries(engine);
  });
  afterAll(() => two?.stop());
  afterEach(() => ds?.destroy());

  const exists = (name: string, table: string): Promise<boolean> =>
    useDatabase(name, async () => {
      const runner = ds.createQueryRunner();
      try {
        return await runner.hasTable(table);
      } finally {
        await runner.release();
      }
    });

  it('run once on each that the routers allow, and are recorded on each', async () => {
    ds = await two.open({ router: EveryPrimary, typeorm: { migrations: [CreateNotes1700000000001] } });
    expect(await ds.showMigrations()).toBe(true);
    expect((await ds.runMigrations()).map(({ name }) => name)).toEqual(['CreateNotes1700000000001']);
    expect([await exists('default', 'note'), await exists('primary-2', 'note')]).toEqual([true, true]);
    expect(await two.rows('migrations')).toEqual({ default: 1, 'primary-2': 1 });
    expect(await ds.showMigrations()).toBe(false);
    expect(await ds.runMigrations()).toEqual([]);
  });

  it('are pending while they are pending on one of them, and run there only', async () => {
    ds = await two.open({ router: EveryPrimary, typeorm: { migrations: [CreateNotes1700000000001] } });
    await useDatabase('primary-2', async () => {
      await ds.query('DROP TABLE note');
      await ds.query('DELETE FROM migrations');
    });
    expect(await ds.showMigrations()).toBe(true);
    expect((await ds.runMigrations()).map(({ name }) => name)).toEqual(['CreateNotes1700000000001']);
    expect(await two.rows('migrations')).toEqual({ default: 1, 'primary-2': 1 });
  });

  it('are undone on each', async () => {
    ds = await two.open({ router: EveryPrimary, typeorm: { migrations: [CreateNotes1700000000001] } });
    await ds.undoLastMigration();
    expect([await exists('default', 'note'), await exists('primary-2', 'note')]).toEqual([false, false]);
  });

  it('run on default alone without an opinion', async () => {
    ds = await two.open({ typeorm: { migrations: [CreateNotes1700000000001] } });
    await ds.runMigrations();
    expect([await exists('default', 'note'), await exists('primary-2', 'note')]).toEqual([true, false]);
    await ds.undoLastMigration();
  });

  it('make each entity’s table where the routers allow it, and the tables of its relations beside it', async () => {
    ds = await two.open({ router: EveryPrimary });
    await ds.dropDatabase();
    await ds.destroy();
    const router = new AuditsElsewhere();
    ds = await two.open({ router });
    await ds.synchronize();
    const tables = ['audit', 'tag', 'order', 'order_tags_tag'];
    const there = async (name: string) => Promise.all(tables.map((table) => exists(name, table)));
    expect(await there('default')).toEqual([false, true, true, true]);
    expect(await there('primary-2')).toEqual([true, false, false, false]);
    expect([...router.asked].every((model) => model === undefined || typeof model === 'function')).toBe(true);
    expect(router.asked).toContain(Tag);
  });

  it('synchronize again changes nothing', async () => {
    ds = await two.open({ router: AuditsElsewhere });
    await ds.synchronize();
    expect(await exists('primary-2', 'audit')).toBe(true);
    expect(await exists('default', 'audit')).toBe(false);
    expect(ds.getMetadata(Audit).synchronize).toBe(true);
  });
});
