import type { DatabaseOptions, Engine, RoutingOptions, Select } from '@sluice/core';
import {
  DATABASE_OPTIONS,
  oneOf,
  random,
  refuseUnknown,
  refuseUnknownRouting,
  roleByName,
  roundRobin,
  show,
  SluiceError,
} from '@sluice/core';
import type { OptionBag, RoutableOptions } from './internals.js';
import { CREDENTIALS, merged, pick, without } from './merged-options.js';

/** One database; what it does not say it takes from TypeORM's own options. */
export interface TypeOrmDatabase extends DatabaseOptions {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  /** A function: PostgreSQL only, asked for each connection. */
  readonly password?: string | (() => string | Promise<string>);
  readonly database?: string;
  /** MySQL and MariaDB: the path of the server's socket. */
  readonly socketPath?: string;
  readonly ssl?: unknown;
  /** Connections at the most. Default: TypeORM's `poolSize`, else the driver's 10. */
  readonly poolSize?: number;
  /** Options of the driver; added to TypeORM's `extra`, and winning over it. */
  readonly extra?: OptionBag;
  /** MySQL and MariaDB: milliseconds to connect. */
  readonly connectTimeout?: number;
  /** PostgreSQL: milliseconds to connect. */
  readonly connectTimeoutMS?: number;
  /** PostgreSQL. */
  readonly applicationName?: string;
}

/** How a {@link RoutedDataSource} routes. */
export interface RoutedOptions extends RoutingOptions {
  /** The databases by name. Default: taken from TypeORM's `replication`. */
  readonly databases?: Readonly<Record<string, TypeOrmDatabase>>;
}

/** Both kinds of options, checked and merged. */
export interface Settings {
  readonly engine: Engine;
  /** For TypeORM: without replication, and with the default primary's credentials. */
  readonly typeorm: RoutableOptions;
  readonly routing: RoutingOptions;
  readonly databases: Readonly<Record<string, TypeOrmDatabase>>;
  /** For each database: TypeORM's options with its own over them. */
  readonly pools: ReadonlyMap<string, OptionBag>;
  readonly defaultMode: 'master' | 'slave';
  /** The same with some of TypeORM's options changed; the databases stay the same. */
  changed(options: OptionBag): Settings;
  /**
   * The same with one more database.
   * @throws SluiceError `SLUICE_CONFIG`
   */
  more(name: string, database: TypeOrmDatabase): Settings;
  /** The same without this database. */
  less(name: string): Settings;
}

const ENGINES: Readonly<Record<string, Engine>> = { mysql: 'mysql', mariadb: 'mysql', postgres: 'postgres' };
const SHARED = ['url', 'host', 'port', 'username', 'password', 'database', 'ssl', 'poolSize', 'extra'];
const OF_ENGINE: Readonly<Record<Engine, readonly string[]>> = {
  mysql: [...SHARED, 'socketPath', 'connectTimeout'],
  postgres: [...SHARED, 'connectTimeoutMS', 'applicationName'],
};

/** @throws SluiceError `SLUICE_CONFIG` */
export function settingsOf(options: RoutableOptions, routed: RoutedOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new SluiceError('SLUICE_CONFIG', `the data source's options are ${show(options)}; give TypeORM's options`);
  }
  if (typeof routed !== 'object' || routed === null) {
    throw new SluiceError('SLUICE_CONFIG', `the routing options are ${show(routed)}; give { databases, router }`);
  }
  const engine = ENGINES[options.type];
  if (engine === undefined) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `type is ${show(options.type)}, which is not routed; allowed are ${Object.keys(ENGINES).map(show).join(', ')} (Aurora through these)`,
    );
  }
  refuseUnknownRouting('RoutedDataSource', routed, ['databases']);
  const { replication, ...plain } = { ...options } as OptionBag & { readonly replication?: Replication };
  const { databases, ...routing } = routed;
  const found =
    databases === undefined
      ? fromReplication(replication ?? undefined)
      : fromDatabases(databases, replication ?? undefined, engine);
  const base = found.inherits ? plain : without(plain, CREDENTIALS);
  return settled(found, {
    engine,
    base,
    typeorm: plain,
    type: options.type,
    routing:
      found.select === undefined || routing.select !== undefined ? routing : { ...routing, select: found.select },
    again: (changes) => settingsOf({ ...options, ...changes }, routed),
  });
}

interface Given {
  readonly engine: Engine;
  /** What each database's options are laid over. */
  readonly base: OptionBag;
  readonly typeorm: OptionBag;
  readonly type: RoutableOptions['type'];
  readonly routing: RoutingOptions;
  /** The same settings made of changed options of TypeORM. */
  readonly again: (changes: OptionBag) => Settings;
}

function settled(found: Omit<Found, 'inherits' | 'select'>, given: Given): Settings {
  const { databases, defaultMode } = found;
  const { engine, base, typeorm, type, routing, again } = given;
  const pools = new Map(Object.entries(databases).map(([name, database]) => [name, merged(base, database)] as const));
  if (engine === 'mysql') for (const [name, { password }] of pools) refuseFunction(name, password);
  const primary = pools.get('default') ?? pools.get(firstPrimary(databases)) ?? {};
  return {
    engine,
    typeorm: { ...without(typeorm, CREDENTIALS), ...pick(primary, CREDENTIALS), type },
    routing,
    databases,
    pools,
    defaultMode,
    changed(changes) {
      if (changes['replication'] !== undefined) {
        throw new SluiceError(
          'SLUICE_CONFIG',
          'setOptions got replication, which cannot change; make another RoutedDataSource',
        );
      }
      return again(changes);
    },
    more(name, database) {
      refuseUnknown(`database ${name}`, database, [...DATABASE_OPTIONS, ...OF_ENGINE[engine]]);
      const changedAgain = (changes: OptionBag): Settings => again(changes).more(name, database);
      return settled({ databases: { ...databases, [name]: database }, defaultMode }, { ...given, again: changedAgain });
    },
    less(name) {
      const { [name]: _removed, ...left } = databases;
      const changedAgain = (changes: OptionBag): Settings => again(changes).less(name);
      return settled({ databases: left, defaultMode }, { ...given, again: changedAgain });
    },
  };
}

/** TypeORM's own replication option. */
interface Replication {
  readonly master: TypeOrmDatabase;
  readonly slaves: readonly TypeOrmDatabase[];
  readonly defaultMode?: 'master' | 'slave';
  readonly selector?: string;
}

interface Found {
  readonly databases: Readonly<Record<string, TypeOrmDatabase>>;
  /** Whether the databases take credentials from the options around them. */
  readonly inherits: boolean;
  readonly defaultMode: 'master' | 'slave';
  readonly select?: Select;
}

function fromDatabases(
  databases: Readonly<Record<string, TypeOrmDatabase>>,
  replication: Replication | undefined,
  engine: Engine,
): Found {
  if (replication !== undefined) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      'databases and replication are both given; leave databases out to take over replication, or remove replication',
    );
  }
  if (typeof databases !== 'object' || databases === null || Array.isArray(databases)) {
    throw new SluiceError('SLUICE_CONFIG', `databases is ${show(databases)}; give an object of databases by name`);
  }
  for (const [name, database] of Object.entries(databases)) {
    if (typeof database !== 'object' || database === null) {
      throw new SluiceError('SLUICE_CONFIG', `database ${name} is ${show(database)}; give an object such as { host }`);
    }
    refuseUnknown(`database ${name}`, database, [...DATABASE_OPTIONS, ...OF_ENGINE[engine]]);
  }
  return { databases, inherits: true, defaultMode: 'slave' };
}

function refuseFunction(database: string, password: unknown): void {
  if (typeof password !== 'function') return;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `password of database ${database} is ${show(password)}; give text, as only PostgreSQL's driver takes a function`,
  );
}

/** The words of mysql2's `defaultSelector`, which TypeORM hands to it under a name that it does not read. */
const SELECTORS: Readonly<Record<string, () => Select>> = {
  RR: roundRobin,
  RANDOM: random,
  ORDER: () => (candidates) => candidates[0],
};

function fromReplication(replication: Replication | undefined): Found {
  if (replication === undefined) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      'neither databases nor replication is given; give databases: { default: { host }, "replica-1": { host } }',
    );
  }
  const { master, slaves, selector } = replication;
  const defaultMode = oneOf('defaultMode of replication', replication.defaultMode ?? 'slave', ['master', 'slave']);
  if (typeof master !== 'object' || master === null || !Array.isArray(slaves)) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      'replication has no master or no slaves; give { master: {…}, slaves: [{…}] }',
    );
  }
  const select = selector === undefined ? undefined : SELECTORS[selector];
  if (selector !== undefined && select === undefined) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `selector of replication is ${show(selector)}; allowed are ${Object.keys(SELECTORS).map(show).join(', ')}`,
    );
  }
  const databases: Record<string, TypeOrmDatabase> = { default: { ...master, role: 'primary' } };
  for (const [index, slave] of slaves.entries()) databases[`replica-${index + 1}`] = { ...slave, role: 'replica' };
  return { databases, inherits: false, defaultMode, ...(select && { select: select() }) };
}

function firstPrimary(databases: Readonly<Record<string, TypeOrmDatabase>>): string {
  const names = Object.keys(databases);
  return names.find((name) => (databases[name]?.role ?? roleByName(name)) === 'primary') ?? '';
}
