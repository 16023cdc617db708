import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions } from '@sluice/typeorm';
import { RoutedDataSource, useDatabase } from '@sluice/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SHOP } from './shop.js';

/** TypeORM's options for a server of the testbed. */
export function plainOptions(servers: Servers, name = 'default'): Record<string, unknown> {
  const { host, port, user, password, database } = servers.server(name).database;
  const type = servers.engine === 'postgres' ? 'postgres' : 'mariadb';
  return { type, host, port, username: user, password, database, entities: SHOP };
}

/** A data source of TypeORM itself; not initialized. */
export function stock(options: Record<string, unknown>): DataSource {
  return new DataSource(options as unknown as DataSourceOptions);
}

/** The same options with one server more, `replica-1`, that says nothing but where it is; not initialized. */
export function besides(servers: Servers, options: Record<string, unknown>): RoutedDataSource {
  const { host, port } = servers.replica(1).database;
  return new RoutedDataSource(options as unknown as RoutableOptions, {
    databases: { default: {}, 'replica-1': { host, port } },
  });
}

export interface Seen<T> {
  readonly stock: T;
  readonly primary: T;
  readonly replica: T;
}

/** What one observation sees with TypeORM's own data source, on the routed primary and on the routed replica. */
export async function sideBySide<T>(
  servers: Servers,
  typeorm: Record<string, unknown>,
  observe: (dataSource: DataSource) => Promise<T>,
): Promise<Seen<T>> {
  const options = { ...plainOptions(servers), ...typeorm };
  return {
    stock: await during(stock({ ...options }), observe),
    primary: await during(besides(servers, options), (ds) => useDatabase('default', () => observe(ds))),
    replica: await during(besides(servers, options), (ds) => useDatabase('replica-1', () => observe(ds))),
  };
}

/** The same for what only a primary can do. */
export async function onPrimaries<T>(
  servers: Servers,
  typeorm: Record<string, unknown>,
  observe: (dataSource: DataSource) => Promise<T>,
): Promise<{ readonly stock: T; readonly routed: T }> {
  const options = { ...plainOptions(servers), ...typeorm };
  return {
    stock: await during(stock({ ...options }), observe),
    routed: await during(besides(servers, { ...options }), observe),
  };
}

/** Initializes a data source, and destroys it in the end. */
export async function during<D extends DataSource, T>(dataSource: D, work: (dataSource: D) => Promise<T>): Promise<T> {
  await dataSource.initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
