import { type Database, type MigrateRequest, SluiceError, useDatabase, withoutPinning } from '@sluice/core';
import type { DataSource, EntityMetadata } from 'typeorm';
import type { DriverInternals } from './internals.js';
import { modelOf } from './models.js';
import type { Routing } from './routing.js';

/** An entity's metadata, as far as schema sync reads and routing writes it. */
interface Synchronizable {
  synchronize: boolean;
}

/**
 * Runs a change of the schema once on each database that the routers allow, the default primary if they have no
 * opinion, whatever scope is open.
 * @throws SluiceError `SLUICE_MIGRATION_REFUSED`
 */
export async function migrate<T>(
  dataSource: DataSource,
  routing: Routing,
  operation: MigrateRequest['operation'],
  work: () => Promise<T>,
): Promise<readonly T[]> {
  const targets = targetsOf(dataSource, routing, operation);
  const results: T[] = [];
  for (const target of targets) results.push(await on(dataSource, routing, target, operation, work));
  return results;
}

/** The first database of {@link migrate}: for what only looks at the schema. */
export async function inspect<T>(dataSource: DataSource, routing: Routing, work: () => Promise<T>): Promise<T> {
  const [first] = targetsOf(dataSource, routing, 'synchronize');
  return on(dataSource, routing, first, 'synchronize', work);
}

/** Installs what the tables of {@link migrate} need; where the routers allow no tables, on the default primary. */
export async function install(dataSource: DataSource, routing: Routing, work: () => Promise<void>): Promise<void> {
  const allowed = allowedTo(dataSource, routing, 'synchronize');
  const targets = allowed.length === 0 ? [routing.cluster.databases.default] : allowed;
  for (const target of targets) await on(dataSource, routing, target, 'synchronize', work);
}

function allowedTo(
  { entityMetadatas }: DataSource,
  { cluster }: Routing,
  operation: MigrateRequest['operation'],
): readonly Database[] {
  return cluster.migrationTargets(operation, operation === 'migrations' ? [] : entityMetadatas.map(modelOf));
}

function targetsOf(
  dataSource: DataSource,
  routing: Routing,
  operation: MigrateRequest['operation'],
): readonly [Database, ...Database[]] {
  const { cluster } = routing;
  const [first, ...others] = allowedTo(dataSource, routing, operation);
  if (first !== undefined) return [first, ...others];
  throw new SluiceError(
    'SLUICE_MIGRATION_REFUSED',
    `the routers allow ${operation} on none of the databases ${cluster.databases.all.map(({ name }) => name).join(', ')}; let allowMigrate answer true for one primary`,
  );
}

async function on<T>(
  dataSource: DataSource,
  routing: Routing,
  target: Database,
  operation: MigrateRequest['operation'],
  work: () => Promise<T>,
): Promise<T> {
  const driver = dataSource.driver as unknown as DriverInternals;
  const before = driver.database;
  const own = routing.settings.pools.get(target.name)?.['database'];
  const held = withheld(dataSource.entityMetadatas, routing, target, operation);
  // MySQL's migrations are qualified with the name of the database
  if (typeof own === 'string') driver.database = own;
  for (const metadata of held) metadata.synchronize = false;
  try {
    const { name: cluster } = routing.cluster;
    return await useDatabase(target.name, () => withoutPinning(work, { cluster }), { cluster });
  } finally {
    driver.database = before;
    for (const metadata of held) metadata.synchronize = true;
  }
}

/** Entities whose tables the routers keep away from this database. */
function withheld(
  metadatas: readonly EntityMetadata[],
  { cluster }: Routing,
  target: Database,
  operation: MigrateRequest['operation'],
): readonly Synchronizable[] {
  return metadatas.filter(
    (metadata) => metadata.synchronize && !cluster.allowsMigrate(target, { operation, model: modelOf(metadata) }),
  );
}
