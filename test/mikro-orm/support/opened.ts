import type { MikroORM } from '@mikro-orm/core';
import { MikroORM as MariaDbORM, MariaDbDriver } from '@mikro-orm/mariadb';
import { MikroORM as PostgresORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { MikroOrmDatabase, RoutedOptions } from '@sluice/mikro-orm';
import { clusterOf, routed } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { SHOP } from './shop.js';

/** An ORM, as the tests use it: of either engine, with an entity manager that knows SQL. */
export type Orm = Omit<MikroORM, 'em'> & { readonly em: Em };
export type Em = SqlEntityManager;

export interface Options extends Partial<RoutedOptions> {
  /** Options of MikroORM. */
  readonly orm?: object;
}

/** MikroORM 6 has what 7 calls differently. */
export const isVersion6 = 'initSync' in MariaDbORM;

const opened = new Set<Orm>();

/** The testbed's databases in MikroORM's words. */
export function databasesOf(servers: Servers): Record<string, MikroOrmDatabase> {
  return Object.fromEntries(
    Object.entries(servers.databases).map(([name, { database, ...address }]) => [
      name,
      { dbName: database, ...address },
    ]),
  );
}

/** A stock ORM of MikroORM, over the primary and with its own `replicas`. */
export async function stock(servers: Servers, options: object = {}): Promise<Orm> {
  const { default: primary, ...replicas } = databasesOf(servers);
  const bare = ({ role: _role, ...database }: MikroOrmDatabase): object => database;
  return init(servers, driverOf(servers), {
    ...bare(primary as MikroOrmDatabase),
    replicas: Object.entries(replicas).map(([name, replica]) => ({ name, ...bare(replica) })),
    ...options,
  });
}

/** A routed ORM over real servers. */
export async function connected(servers: Servers, { orm = {}, ...routing }: Options = {}): Promise<Orm> {
  const driver = routed(driverOf(servers), { databases: databasesOf(servers), ...routing });
  return init(servers, driver, { dbName: 'app', ...orm });
}

/** The same, with its tables made and replicated. */
export async function ready(servers: Servers, options: Options = {}): Promise<Orm> {
  const orm = await connected(servers, options);
  await makeTables(orm);
  await servers.caughtUp();
  return orm;
}

export async function makeTables(orm: Orm): Promise<void> {
  const { schema } = orm as unknown as { schema: Record<string, () => Promise<void>> };
  await (schema['refresh'] ?? schema['refreshDatabase'])?.call(schema);
}

function driverOf(servers: Servers): typeof MariaDbDriver {
  return (servers.engine === 'postgres' ? PostgreSqlDriver : MariaDbDriver) as unknown as typeof MariaDbDriver;
}

/** An ORM of MikroORM's own making, with a driver. */
export async function init(on: Servers | string, driver: unknown, options: object): Promise<Orm> {
  const engine = typeof on === 'string' ? on : on.engine;
  const ORM = (engine === 'postgres' ? PostgresORM : MariaDbORM) as unknown as typeof MariaDbORM;
  const orm = (await ORM.init({
    entities: SHOP,
    driver,
    discovery: { warnWhenNoEntities: false },
    allowGlobalContext: true,
    ...options,
  } as never)) as unknown as Orm;
  opened.add(orm);
  return orm;
}

/** Ends all that a test file has opened. */
export async function closeAll(): Promise<void> {
  await Promise.all([...opened].map((orm) => orm.close(true)));
  opened.clear();
}

/** The port of a named server, for `servedBy`. */
export const portOf = (servers: Servers, name: string): number => servers.server(name).port;

/** The port of the server that runs raw SQL here. */
export async function whoRuns(em: Em, servers: Servers): Promise<number> {
  const sql = servers.engine === 'postgres' ? 'SELECT inet_server_port() AS port' : 'SELECT @@port AS port';
  const [row] = (await em.execute(sql)) as { port: number }[];
  return Number(row?.port);
}

/** The databases of the routes that were taken while `work` ran, in order. */
export async function routesDuring(orm: Orm, work: () => Promise<unknown>): Promise<string[]> {
  const taken: string[] = [];
  const listen = ({ database }: { readonly database: string }): void => void taken.push(database);
  const cluster = clusterOf(orm);
  cluster.on('route', listen);
  try {
    await work();
  } finally {
    cluster.off('route', listen);
  }
  return taken;
}

/** The answers of the same question, asked one time after the other. */
export async function times<T>(count: number, ask: (turn: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await ask(turn));
  return answers;
}

/** An ORM that has not connected, with what its connections would be. */
export async function unconnected(
  driver: unknown,
  options: object = {},
): Promise<Orm & { addresses(): Promise<Record<string, unknown>> }> {
  const orm = await init('mariadb', driver, { dbName: 'app', connect: false, ...options });
  const addresses = async (): Promise<Record<string, unknown>> => {
    const routing = Object.getOwnPropertySymbols(orm.driver).find((symbol) =>
      symbol.description?.endsWith('/routing'),
    )!;
    const { cluster, connection } = (orm.driver as unknown as Record<symbol, Internals>)[routing]!;
    const own = connection.bind((orm.driver as unknown as Record<symbol, Internals>)[routing]);
    return Object.fromEntries(cluster.databases.all.map(({ name }) => [name, own(name).address]));
  };
  return Object.assign(orm, { addresses });
}

interface Internals {
  readonly cluster: { readonly databases: { readonly all: readonly { readonly name: string }[] } };
  connection(name: string): { readonly address: unknown };
}
