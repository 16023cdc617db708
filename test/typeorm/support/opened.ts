import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions, RoutedOptions, TypeOrmDatabase } from '@sluice/typeorm';
import { RoutedDataSource } from '@sluice/typeorm';
import { SHOP } from './shop.js';

/** The testbed's databases in TypeORM's words. */
export function databasesOf(servers: Servers): Record<string, TypeOrmDatabase> {
  return Object.fromEntries(
    Object.entries(servers.databases).map(([name, { user, role, host, port, password, database }]) => [
      name,
      { username: user, role, host, port, password, database },
    ]),
  );
}

export type Options = Partial<RoutedOptions> & {
  readonly typeorm?: Record<string, unknown>;
};

/** A routed data source over real servers; not initialized. */
export function routed(servers: Servers, { typeorm = {}, ...routing }: Options = {}): RoutedDataSource {
  const type = servers.engine === 'postgres' ? 'postgres' : 'mariadb';
  return new RoutedDataSource({ type, entities: SHOP, ...typeorm } as RoutableOptions, {
    databases: databasesOf(servers),
    ...routing,
  });
}

/** The same, initialized, with its tables made and replicated. */
export async function opened(servers: Servers, options: Options = {}): Promise<RoutedDataSource> {
  const dataSource = await routed(servers, options).initialize();
  await dataSource.synchronize();
  await servers.caughtUp();
  return dataSource;
}

/** The port of a named server, for `servedBy`. */
export const portOf = (servers: Servers, name: string): number => servers.server(name).port;

/** The port of the server that runs raw SQL here. */
export async function whoRuns(source: { query(sql: string): Promise<unknown> }, servers: Servers): Promise<number> {
  const sql = servers.engine === 'postgres' ? 'SELECT inet_server_port() AS port' : 'SELECT @@port AS port';
  const [row] = (await source.query(sql)) as { port: number }[];
  return Number(row?.port);
}
