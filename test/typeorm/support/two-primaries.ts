import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';
import type { Database, MigrateRequest, RoutedDataSource, TypeOrmDatabase } from '@sluice/typeorm';
import { Router } from '@sluice/typeorm';
import { type EngineUnderTest, startServers } from './engines.js';
import { databasesOf, type Options, routed } from './opened.js';

/** Two independent primaries, `default` and `primary-2`, in one cluster. */
export interface TwoPrimaries {
  readonly databases: Readonly<Record<string, TypeOrmDatabase>>;
  /** An initialized data source over both. */
  open(options?: Options): Promise<RoutedDataSource>;
  /** How many rows a table has on each of them, asked behind the data source's back. */
  rows(table: string): Promise<Record<string, number>>;
  /** Empties tables on both. */
  empty(...tables: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Lets schema sync make every table on every primary. */
export class EveryPrimary extends Router {
  override allowMigrate(database: Database, _request: MigrateRequest): boolean {
    return database.role === 'primary';
  }
}

/** Starts them, with the tables of `shop.ts` on both. */
export async function startTwoPrimaries(engine: EngineUnderTest): Promise<TwoPrimaries> {
  const [first, second] = await Promise.all([startServers(engine, 0), startCluster({ engine, replicas: 0 })]);
  const servers: Readonly<Record<string, Servers>> = { default: first, 'primary-2': second };
  const databases = { default: databasesOf(first)['default']!, 'primary-2': databasesOf(second)['default']! };
  const open = (options: Options = {}): Promise<RoutedDataSource> =>
    routed(first, { databases, ...options }).initialize();
  const ask = (name: string, sql: string) => servers[name]!.primary.query(sql);
  const ds = await open({ router: EveryPrimary });
  await ds.synchronize();
  await ds.destroy();
  const quoted = (table: string): string => (engine === 'mariadb' ? `\`${table}\`` : `"${table}"`);
  return {
    databases,
    open,
    async rows(table) {
      const counts: Record<string, number> = {};
      for (const name of Object.keys(servers)) {
        const [row] = await ask(name, `SELECT count(*) AS n FROM ${quoted(table)}`);
        counts[name] = Number(row?.['n']);
      }
      return counts;
    },
    async empty(...tables) {
      for (const name of Object.keys(servers))
        for (const table of tables) await ask(name, `DELETE FROM ${quoted(table)}`);
    },
    async stop() {
      await Promise.all([first.stop(), second.stop()]);
    },
  };
}
