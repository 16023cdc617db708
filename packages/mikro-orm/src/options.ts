import type { DatabaseOptions, Engine, RoutingOptions } from '@sluice/core';
import { Cluster, DATABASE_OPTIONS, refuseUnknown, refuseUnknownRouting, show, SluiceError } from '@sluice/core';
import type { ConfigInternals, OptionBag } from './internals.js';

/** MikroORM's options of a pool. */
export interface PoolOptions {
  readonly min?: number;
  readonly max?: number;
  readonly idleTimeoutMillis?: number;
  /** MikroORM 6: milliseconds to wait for a connection to become free. */
  readonly acquireTimeoutMillis?: number;
}

/** One database; what it does not say it takes from the ORM's own options. */
export interface MikroOrmDatabase extends DatabaseOptions {
  readonly clientUrl?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string | (() => string | Promise<string>);
  readonly dbName?: string;
  readonly schema?: string;
  readonly multipleStatements?: boolean;
  /** Honoured for each database, unlike in MikroORM's `replicas`. */
  readonly pool?: PoolOptions;
  /** Options of the client, added to the ORM's own and winning over them. */
  readonly driverOptions?: OptionBag;
}

/** How a {@link routed} driver routes. */
export interface RoutedOptions extends RoutingOptions {
  /** The databases by name. Default: taken from the ORM's `replicas`. */
  readonly databases?: Readonly<Record<string, MikroOrmDatabase>>;
}

const OF_DATABASE = [
  'clientUrl',
  'host',
  'port',
  'user',
  'password',
  'dbName',
  'schema',
  'multipleStatements',
  'pool',
  'driverOptions',
];
/** What a URL of its own says already. */
const OF_URL: ReadonlySet<string> = new Set(['clientUrl', 'host', 'port', 'user', 'password']);
const ENGINES: Readonly<Record<string, Engine>> = {
  MySqlDriver: 'mysql',
  MariaDbDriver: 'mysql',
  PostgreSqlDriver: 'postgres',
};

/** @throws SluiceError `SLUICE_CONFIG` for a driver that is not routed */
export function engineOf(driver: unknown): Engine {
  for (let at = driver; typeof at === 'function'; at = Object.getPrototypeOf(at) as unknown) {
    const engine = ENGINES[at.name];
    if (engine !== undefined) return engine;
  }
  throw new SluiceError(
    'SLUICE_CONFIG',
    `routed got ${show(driver)}, which is not routed; give one of ${Object.keys(ENGINES).join(', ')} (Aurora through these)`,
  );
}

/**
 * Checks all that can be known before MikroORM makes the driver.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function checkOptions(options: RoutedOptions, engine: Engine): void {
  if (typeof options !== 'object' || options === null) {
    throw new SluiceError('SLUICE_CONFIG', `the routing options are ${show(options)}; give { databases, router }`);
  }
  refuseUnknownRouting('routed', options, ['databases']);
  const { databases, ...routing } = options;
  if (databases !== undefined) checkDatabases(databases);
  // makes nothing but the check: a cluster that is never opened
  void new Cluster(
    { ...routing, engine, databases: databases ?? { default: {} } },
    { address: () => undefined, discard: () => undefined },
  );
}

/** @throws SluiceError `SLUICE_CONFIG` */
export function checkDatabases(databases: Readonly<Record<string, MikroOrmDatabase>>): void {
  if (typeof databases !== 'object' || databases === null || Array.isArray(databases)) {
    throw new SluiceError('SLUICE_CONFIG', `databases is ${show(databases)}; give an object of databases by name`);
  }
  for (const [name, database] of Object.entries(databases)) {
    if (typeof database !== 'object' || database === null) {
      throw new SluiceError('SLUICE_CONFIG', `database ${name} is ${show(database)}; give an object such as { host }`);
    }
    refuseUnknown(`database ${name}`, database, [...DATABASE_OPTIONS, ...OF_DATABASE]);
  }
}

/**
 * The databases by name: as given, else the ORM's own connection as `default` and its `replicas`.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function databasesOf(
  { databases }: RoutedOptions,
  config: ConfigInternals,
): Readonly<Record<string, MikroOrmDatabase>> {
  const replicas = (config.get('replicas') ?? []) as readonly (MikroOrmDatabase & { readonly name?: string })[];
  if (databases !== undefined) {
    if (replicas.length === 0) return databases;
    throw new SluiceError(
      'SLUICE_CONFIG',
      'databases and replicas are both given; leave databases out to take over replicas, or remove replicas',
    );
  }
  if (!Array.isArray(replicas)) throw new SluiceError('SLUICE_CONFIG', `replicas is ${show(replicas)}; give an array`);
  const found: Record<string, MikroOrmDatabase> = { default: { role: 'primary' } };
  for (const [index, { name = `replica-${index + 1}`, ...replica }] of replicas.entries()) {
    if (Object.hasOwn(found, name)) {
      throw new SluiceError(
        'SLUICE_CONFIG',
        `two databases of replicas are named ${show(name)}; give each a name of its own`,
      );
    }
    found[name] = { ...replica, role: 'replica' };
  }
  return found;
}

/**
 * The options of one database's own connection, as its `Connection` class reads them.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function connectionOptionsOf(
  name: string,
  { pool, ...database }: MikroOrmDatabase,
  { config, poolAs }: { readonly config: ConfigInternals; readonly poolAs: (pool: PoolOptions) => OptionBag },
): OptionBag {
  const ofCore: readonly string[] = DATABASE_OPTIONS;
  const own: Omit<MikroOrmDatabase, keyof DatabaseOptions | 'pool'> = Object.fromEntries(
    Object.entries(database).filter(([option]) => !ofCore.includes(option)),
  );
  const options: Record<string, unknown> = { ...own, name };
  for (const option of OF_DATABASE) {
    if (option === 'pool' || option === 'driverOptions' || options[option] !== undefined) continue;
    if (own.clientUrl !== undefined && OF_URL.has(option)) continue;
    if (own.clientUrl !== undefined && option === 'dbName' && namesDatabase(own.clientUrl)) continue;
    options[option] = config.get(option);
  }
  const around = config.get('driverOptions') ?? {};
  const sized = pool === undefined ? {} : poolAs({ ...(config.get('pool') as PoolOptions | undefined), ...pool });
  options['pool'] = pool ?? config.get('pool');
  options['driverOptions'] = { ...(plain('driverOptions', around) as object), ...sized, ...own.driverOptions };
  return options;
}

function namesDatabase(clientUrl: string): boolean {
  return URL.canParse(clientUrl) && new URL(clientUrl).pathname.length > 1;
}

/** A client, or a way to make one, is of one server: shared by all databases it would make them one. */
function plain(option: string, given: unknown): unknown {
  const prototype: unknown = typeof given === 'object' && given !== null ? Object.getPrototypeOf(given) : undefined;
  if (prototype === Object.prototype || prototype === null) return given;
  throw new SluiceError('SLUICE_CONFIG', `${option} is ${show(given)}, which is for one server; give plain options`);
}
