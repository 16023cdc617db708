import { Chain } from './chain.js';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import type { GivenDatabase, Role } from './databases.js';
import { Databases } from './databases.js';
import type { Engine } from './engine.js';
import { SluiceError } from './errors.js';
import { isRecord, numberOption, oneOf, refuseUnknown, show } from './options.js';
import type { RouterOption } from './config-routers.js';
import { routersOf } from './config-routers.js';
import type { Select } from './selection/select.js';
import { isSelect } from './selection/select.js';

/** What core reads of a database's options; the rest is its adapter's. */
export interface DatabaseOptions {
  /** Default: by its name: `default`, `primary…` and `master…` are primaries, all others replicas. */
  readonly role?: Role;
  /**
   * Share of the reads among its equals: 2 gets twice what 1 gets. Holds for every strategy; 0: only when nothing else
   * is left. Default: 1.
   */
  readonly weight?: number;
  /** Where the database runs, such as `eu-west-1a`. Default: nowhere in particular. */
  readonly zone?: string | undefined;
}

/** The names of {@link DatabaseOptions}, for adapters that add their own. */
export const DATABASE_OPTIONS: readonly (keyof DatabaseOptions)[] = ['role', 'weight', 'zone'];

/** How a cluster routes; the same for every ORM. */
export interface RoutingOptions {
  /** The cluster's name, in scopes, events and messages. Default: `default`. */
  readonly name?: string;
  /** Default: `new PinningReplicaRouter()`. */
  readonly router?: RouterOption;
  /** Several routers, asked in order; the first opinion wins. Instead of `router`. */
  readonly routers?: readonly RouterOption[];
  /** Strategy of the routers that were given none. Default: each router names its own. */
  readonly select?: Select;
  /**
   * Where this process runs: strategies choose among the databases of this `zone` while one of them can serve.
   * Default: nowhere in particular, and zones change nothing.
   */
  readonly zone?: string | undefined;
  /** Whether raw SQL that is surely a read is routed like other reads. Default: false, it goes to a primary. */
  readonly routeRawReads?: boolean;
  /**
   * How databases are checked in the background. `sql`: one statement on a connection of its own tells whether it
   * answers, its role, and how far it has come. `tcp`: a TCP connect, which a frozen server passes. Default: `sql`.
   */
  readonly probe?: 'sql' | 'tcp' | 'off';
  /** Milliseconds between two checks of a healthy database, on average; at least 334 for `sql`. Default: 350, 1000 for `tcp`. */
  readonly probeIntervalMs?: number;
  /**
   * Milliseconds after which a check counts as failed; two in a row, and the database is down. Opening the
   * connection of `sql` may take four times that. Default: 250 for `sql`, 1000 for `tcp`.
   */
  readonly probeTimeoutMs?: number;
  /**
   * A replica that is further behind than this is not read while another one is not; the least lagging stays. Known
   * with `probe: 'sql'` only. Milliseconds. Default: 10000, so that a pin of 15 s outlasts the lag of what is read.
   */
  readonly maxLagMs?: number;
  /** For so long a database that is back gets a share of the reads that grows from a tenth. Milliseconds. Default: 2000. */
  readonly slowStartMs?: number;
  /**
   * Milliseconds for which a write, or a read that must be fresh, waits for a primary when there is none that takes it; at
   * most 1000 of them. Default: 0.
   */
  readonly holdWritesMs?: number;
  /** Where a replica's read goes when no replica can serve it. Default: `primary`. */
  readonly whenNoReplica?: 'primary' | 'throw';
  /**
   * How many reads that no replica can serve a primary serves at one time; more fail at once with
   * `SLUICE_OVERLOADED`, so that it can go on writing. Default: no limit.
   */
  readonly maxFallbackReads?: number;
  /** Time and chance, for tests. Default: the system's. */
  readonly clock?: Clock;
}

/** The same, with what an adapter adds. */
export interface ClusterOptions extends RoutingOptions {
  readonly engine: Engine;
  readonly databases: Readonly<Record<string, DatabaseOptions>>;
}

/** The names of {@link RoutingOptions}, for adapters that add their own. */
const ROUTING_OPTIONS: readonly (keyof RoutingOptions)[] = [
  'name',
  'router',
  'routers',
  'select',
  'zone',
  'routeRawReads',
  'probe',
  'probeIntervalMs',
  'probeTimeoutMs',
  'maxLagMs',
  'slowStartMs',
  'holdWritesMs',
  'whenNoReplica',
  'maxFallbackReads',
  'clock',
];

/** The same, checked and complete. */
export interface Config {
  readonly name: string;
  readonly zone: string | undefined;
  readonly databases: Databases;
  readonly chain: Chain;
  readonly routeRawReads: boolean;
  readonly probe: 'sql' | 'tcp' | 'off';
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly maxLagMs: number;
  readonly slowStartMs: number;
  readonly holdWritesMs: number;
  readonly whenNoReplica: 'primary' | 'throw';
  readonly maxFallbackReads: number;
  readonly clock: Clock;
}

/** The least time between two statements of checks: four a second, with the jitter of a quarter. */
const LEAST_SQL_INTERVAL_MS = 334;

/** @throws SluiceError `SLUICE_CONFIG`. */
export function configOf(databases: Readonly<Record<string, DatabaseOptions>>, options: RoutingOptions): Config {
  const { name = 'default', routeRawReads = false } = options;
  if (typeof name !== 'string' || name === '') {
    throw new SluiceError('SLUICE_CONFIG', `name is ${show(name)}; give the cluster a name that is not empty`);
  }
  if (typeof routeRawReads !== 'boolean') {
    throw new SluiceError('SLUICE_CONFIG', `routeRawReads is ${show(routeRawReads)}; give true or false`);
  }
  const zone = zoneOf('zone', options.zone);
  const routers = routersOf(options);
  if (options.select !== undefined && !isSelect(options.select)) {
    throw new SluiceError('SLUICE_CONFIG', `select is ${show(options.select)}; give a strategy such as roundRobin()`);
  }
  if (options.select !== undefined) for (const router of routers) router.adopt?.(options.select);
  return {
    name,
    zone,
    databases: databasesOf(databases, zone),
    chain: new Chain(routers),
    routeRawReads,
    ...probingOf(options),
    maxLagMs: numberOption('maxLagMs', options.maxLagMs, { min: 1, fallback: 10_000 }),
    slowStartMs: numberOption('slowStartMs', options.slowStartMs, { min: 0, fallback: 2_000 }),
    holdWritesMs: numberOption('holdWritesMs', options.holdWritesMs, { min: 0, fallback: 0 }),
    whenNoReplica: oneOf('whenNoReplica', options.whenNoReplica ?? 'primary', ['primary', 'throw']),
    maxFallbackReads: numberOption('maxFallbackReads', options.maxFallbackReads, { min: 0, fallback: Infinity }),
    clock: options.clock ?? systemClock,
  };
}

function probingOf(options: RoutingOptions): Pick<Config, 'probe' | 'probeIntervalMs' | 'probeTimeoutMs'> {
  const probe = oneOf('probe', options.probe ?? 'sql', ['sql', 'tcp', 'off']);
  const min = probe === 'sql' ? LEAST_SQL_INTERVAL_MS : 1;
  return {
    probe,
    probeIntervalMs: numberOption('probeIntervalMs', options.probeIntervalMs, {
      min,
      fallback: probe === 'sql' ? 350 : 1_000,
    }),
    probeTimeoutMs: numberOption('probeTimeoutMs', options.probeTimeoutMs, {
      min: 1,
      fallback: probe === 'sql' ? 250 : 1_000,
    }),
  };
}

/** The role that RestAuth's convention reads from a name. */
export function roleByName(name: string): Role {
  return name === 'default' || name.startsWith('primary') || name.startsWith('master') ? 'primary' : 'replica';
}

function zoneOf(option: string, given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && given !== '')) return given;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `${option} is ${show(given)}; give a text that is not empty, such as "eu-west-1a", or leave it out`,
  );
}

/**
 * What core keeps of one database's options.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function databaseOf(name: string, options: unknown): GivenDatabase {
  if (!isRecord(options)) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `database ${name} is ${show(options)}; give an object of options, which may be empty`,
    );
  }
  const { role, weight, zone }: DatabaseOptions = options;
  return {
    name,
    role: role === undefined ? roleByName(name) : oneOf(`role of database ${name}`, role, ['primary', 'replica']),
    weight: numberOption(`weight of database ${name}`, weight, { min: 0, fallback: 1 }),
    zone: zoneOf(`zone of database ${name}`, zone),
  };
}

function databasesOf(given: Readonly<Record<string, DatabaseOptions>>, from: string | undefined): Databases {
  if (!isRecord(given)) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `databases is ${show(given)}; give an object of databases by name, such as { default: { host } }`,
    );
  }
  const names = Object.keys(given);
  const databases = names.map((name, index) => {
    refuseTaken(name, names.slice(0, index));
    return databaseOf(name, given[name]);
  });
  if (databases.some(({ role }) => role === 'primary')) return Databases.of(databases, from);
  throw new SluiceError(
    'SLUICE_CONFIG',
    names.length === 0
      ? 'databases is empty; give at least one primary, such as { default: { host } }'
      : `none of the databases ${names.join(', ')} is a primary; name one of them "default", or give it role: "primary"`,
  );
}

/** @throws SluiceError `SLUICE_CONFIG` for a name that is empty, or differs from another one in case only. */
export function refuseTaken(name: string, others: readonly string[]): void {
  const plain = name.trim().toLowerCase();
  const twin = others.find((other) => other.trim().toLowerCase() === plain);
  if (twin === undefined && plain !== '') return;
  const problem = twin === undefined ? 'is empty' : `is there twice, as ${show(twin)} too`;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `the name ${show(name)} in databases ${problem}; give each database a name of its own`,
  );
}

/** @throws SluiceError `SLUICE_CONFIG` for an option that neither core nor the adapter knows. */
export function refuseUnknownRouting(where: string, given: object, more: readonly string[]): void {
  refuseUnknown(where, given, [...more, ...ROUTING_OPTIONS]);
}
