import type { MigrateRequest } from '@sluice/core';
import { failureOf, isSluiceError, SluiceError, useDatabase, withoutPinning } from '@sluice/core';
import type { ConfigInternals, DriverInternals } from './internals.js';
import type { Routing } from './routing.js';
import { modelOf } from './statement.js';

type Extension = Record<string, unknown>;
type Operation = MigrateRequest['operation'];

/** What each of MikroORM's extensions does, in the words of `allowMigrate`. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  '@mikro-orm/migrator': 'migrations',
  '@mikro-orm/schema-generator': 'synchronize',
  '@mikro-orm/seeder': 'synchronize',
  '@mikro-orm/entity-generator': 'synchronize',
};

/** Methods that only look, or write files: done once, on the first of the databases. */
const LOOKS = /^(?:get|check|generate|create(?:Initial)?Migration$|createInitial$|create$|diff|rollup)/;
/** Methods that reach no database. */
const LOCAL = new Set(['on', 'off', 'getTargetSchema', 'getOrderedMetadata', 'createSeeder']);

/**
 * Lets the migrator, the schema generator, the seeder and the command line run on the databases that the routers
 * allow, the default primary if they have no opinion, whatever scope is open.
 */
export function routeExtensions(config: ConfigInternals, routing: Routing, driver: DriverInternals): void {
  const register = config.registerExtension.bind(config);
  config.registerExtension = (name, make) => {
    const operation = OPERATIONS[name];
    register(name, operation === undefined ? make : () => routedExtension({ name, operation, make, routing, driver }));
  };
}

interface Parts {
  readonly name: string;
  readonly operation: Operation;
  readonly make: () => unknown;
  readonly routing: Routing;
  readonly driver: DriverInternals;
}

function routedExtension({ name, operation, make, routing, driver }: Parts): unknown {
  // each database has an extension of its own, as they remember what they have found there
  const perDatabase = new Map<string, Extension>();
  const first = make() as Extension;
  const on = (database: string): Extension => {
    const found = perDatabase.get(database) ?? (perDatabase.size === 0 ? first : (make() as Extension));
    perDatabase.set(database, found);
    return found;
  };
  const { cluster } = routing;
  const scoped = <T>(database: string, work: () => T): T =>
    useDatabase(database, () => withoutPinning(work, { cluster: cluster.name }), { cluster: cluster.name });

  const run = (method: string, args: readonly unknown[]): unknown => {
    const targets = targetsOf(routing, driver, method.startsWith('drop') ? 'drop' : operation);
    const [database, ...others] = targets;
    const call = (target: string): unknown => {
      const extension = on(target);
      withhold(extension, routing, driver, target, operation);
      return scoped(target, () => (extension[method] as (...args: unknown[]) => unknown)(...args));
    };
    const result = call(database);
    if (others.length === 0 || looks(name, method) || !(result instanceof Promise)) return result;
    return result.then(async (value: unknown) => {
      for (const target of others) await call(target);
      return value;
    });
  };

  return new Proxy(first, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function' || typeof property !== 'string') return value;
      if (LOCAL.has(property) || property === 'constructor') {
        return (...args: unknown[]): unknown => {
          let answer: unknown;
          for (const each of new Set([first, ...perDatabase.values()])) {
            answer = (each[property] as (...args: unknown[]) => unknown)(...args);
          }
          return answer;
        };
      }
      if (property === 'ensureDatabase' && routing.starting)
        return (...args: unknown[]) => whileStarting(routing, () => run(property, args));
      return (...args: unknown[]): unknown => run(property, args);
    },
  });
}

/** MikroORM 6 looks for its database when it connects; one that is down must not keep the program from starting. */
async function whileStarting(routing: Routing, look: () => unknown): Promise<unknown> {
  routing.starting = false;
  try {
    return await look();
  } catch (error) {
    const failure = failureOf(routing.engine, error);
    if (isSluiceError(error) || failure === 'unreachable' || failure === 'lost') return false;
    throw error;
  }
}

function looks(extension: string, method: string): boolean {
  // the schema generator's create() makes tables, the migrator's a file
  if (extension === '@mikro-orm/schema-generator' && method === 'create') return false;
  return LOOKS.test(method);
}

function targetsOf(
  { cluster }: Routing,
  driver: DriverInternals,
  operation: Operation,
): readonly [string, ...string[]] {
  const models = operation === 'migrations' ? [] : metasOf(driver).map(modelOf);
  const [first, ...others] = cluster.migrationTargets(operation, models).map(({ name }) => name);
  if (first !== undefined) return [first, ...others];
  throw new SluiceError(
    'SLUICE_MIGRATION_REFUSED',
    `the routers allow ${operation} on none of the databases ${cluster.databases.all.map(({ name }) => name).join(', ')}; let allowMigrate answer true for one primary`,
  );
}

type Meta = Parameters<typeof modelOf>[0];

function metasOf({ metadata }: DriverInternals): readonly Meta[] {
  const all = (
    metadata as unknown as { getAll?(): Iterable<Meta> | Readonly<Record<string, Meta>> } | undefined
  )?.getAll?.();
  if (all === undefined) return [];
  return Symbol.iterator in all
    ? [...(all instanceof Map ? (all.values() as Iterable<Meta>) : all)]
    : Object.values(all);
}

interface Generator {
  options?: { readonly skipTables?: readonly unknown[] };
  getOrderedMetadata?(...args: unknown[]): readonly Meta[];
}

/** Keeps entities away from a database on which the routers do not allow their tables; what is there stays. */
function withhold(
  extension: Extension,
  { cluster }: Routing,
  driver: DriverInternals,
  target: string,
  operation: Operation,
): void {
  const generator = extension as Generator;
  const stock = generator.getOrderedMetadata?.bind(generator);
  if (stock === undefined || Object.hasOwn(generator, 'getOrderedMetadata')) return;
  const database = cluster.databases.named(target);
  const allowed = (meta: Meta): boolean => cluster.allowsMigrate(database, { operation, model: modelOf(meta) });
  generator.getOrderedMetadata = (...args) => stock(...args).filter(allowed);
  const withheld = metasOf(driver)
    .filter((meta) => !allowed(meta))
    .map(({ tableName, collection }) => tableName ?? collection);
  if (withheld.length === 0) return;
  const skipTables = [...(generator.options?.skipTables ?? []), ...withheld.filter((table) => table !== undefined)];
  generator.options = { ...generator.options, skipTables };
}
