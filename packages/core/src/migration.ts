import type { Chain } from './chain.js';
import type { Database, Databases } from './databases.js';
import { SluiceError } from './errors.js';
import type { MigrateRequest, Model } from './router.js';

/**
 * Whether a schema change may run on a database: the routers' opinion; for an entity they have none of, as for the
 * schema as a whole; at last, only the default primary.
 */
export function allowsMigrate(
  chain: Chain,
  databases: Databases,
  database: Database,
  request: MigrateRequest,
): boolean {
  const opinion = chain.allowsMigrate(database, request);
  if (opinion !== undefined) return opinion;
  if (request.model === undefined) return database.name === databases.default.name;
  return allowsMigrate(chain, databases, database, { ...request, model: undefined });
}

/**
 * The databases on which a schema change runs: those allowed it as a whole, or for one of these entities.
 * @throws SluiceError `SLUICE_MIGRATION_REFUSED` if one of them is a replica
 */
export function migrationTargets(
  chain: Chain,
  databases: Databases,
  operation: MigrateRequest['operation'],
  models: readonly Model[],
): readonly Database[] {
  const asked = [undefined, ...models];
  const targets = databases.all.filter((database) =>
    asked.some((model) => allowsMigrate(chain, databases, database, { operation, model })),
  );
  const replica = targets.find(({ role }) => role === 'replica');
  if (replica === undefined) return targets;
  throw new SluiceError(
    'SLUICE_MIGRATION_REFUSED',
    `allowMigrate names ${replica.name}, which is a replica and gets its schema by replication; allow primaries only`,
  );
}
