import { Migration, Migrator } from '@mikro-orm/migrations';
import type { Orm } from './opened.js';

class Once extends Migration {
  override up(): void {
    this.addSql("insert into audit (what) values ('migrated')");
  }

  override down(): void {
    this.addSql("delete from audit where what = 'migrated'");
  }
}

/** The part of both majors' migrators that is tested, in the words of 7. */
export interface MigratorUnderTest {
  getPending(): Promise<readonly unknown[]>;
  getExecuted(): Promise<readonly unknown[]>;
  up(): Promise<unknown>;
  down(): Promise<unknown>;
}

/** Options of an ORM with one migration that must run once. */
export function ran(tableName: string, more: object): object {
  return {
    extensions: [Migrator],
    migrations: {
      tableName,
      migrationsList: [{ name: 'Once', class: Once }],
      allOrNothing: false,
      snapshot: false,
      silent: true,
    },
    ...more,
  };
}

export function migrations(orm: Orm): MigratorUnderTest {
  const found = orm as unknown as Partial<Record<'migrator' | 'getMigrator', unknown>>;
  const seven = found.migrator as MigratorUnderTest | undefined;
  if (typeof seven?.getPending === 'function') return seven;
  const six = (found.getMigrator as () => Record<string, () => Promise<never>>).call(orm);
  return {
    getPending: () => six['getPendingMigrations']!(),
    getExecuted: () => six['getExecutedMigrations']!(),
    up: () => six['up']!(),
    down: () => six['down']!(),
  };
}
