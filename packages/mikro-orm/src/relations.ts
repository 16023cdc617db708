import type { Model, ObjectRef } from '@sluice/core';
import { SluiceError } from '@sluice/core';
import type { EntityManagerInternals, MetaInternals } from './internals.js';
import type { Routing } from './routing.js';
import { routingOf } from './routing.js';
import { modelOf } from './statement.js';

/** What MikroORM keeps on each entity. */
interface Wrapped {
  readonly __helper?: {
    readonly __meta: MetaInternals & { readonly relations: readonly { readonly name: string }[] };
    readonly __em?: EntityManagerInternals;
    /** Whether it was loaded or saved before. */
    readonly __originalEntityData?: unknown;
  };
}

/** What a relation holds: an entity, a reference to one, or a collection. */
interface Holder {
  unwrap?(): object;
  getItems?(check: boolean): readonly object[];
}

/** Where entities were loaded from or saved to; kept for routers that are asked about relations. */
const origins = new WeakMap<object, string>();

/** Remembers where entities, and those that were loaded with them, came from. */
export function remember(found: unknown, database: string): void {
  for (const entity of Array.isArray(found) ? (found as readonly unknown[]).flat() : [found]) {
    if (!isEntity(entity) || origins.get(entity) === database) continue;
    origins.set(entity, database);
    for (const related of relatedTo(entity)) remember(related, database);
  }
}

/**
 * Refuses to write an entity that may not be related to what it is related to.
 * @throws SluiceError `SLUICE_RELATION_REFUSED`
 */
export function refuseUnrelated(routing: Routing, entity: object): void {
  const { cluster } = routing;
  for (const related of relatedTo(entity)) {
    const [one, other] = [refOf(routing, entity), refOf(routing, related)];
    if (one === undefined || other === undefined || cluster.allowsRelation(one, other)) continue;
    throw new SluiceError(
      'SLUICE_RELATION_REFUSED',
      `${nameOf(one.model)} of cluster ${one.cluster ?? cluster.name} may not be related to ${nameOf(other.model)} of cluster ${other.cluster ?? cluster.name}; keep both in one cluster, or allow it in allowRelation of a router`,
    );
  }
}

function isEntity(value: unknown): value is object & Wrapped {
  return typeof value === 'object' && value !== null && (value as Wrapped).__helper !== undefined;
}

/** Related entities that are there; nothing is loaded. */
function relatedTo(entity: object): readonly object[] {
  const relations = (entity as Wrapped).__helper?.__meta.relations ?? [];
  return relations.flatMap(({ name }) => {
    const value = (entity as Readonly<Record<string, Holder | undefined>>)[name];
    if (typeof value !== 'object' || value === null) return [];
    if (typeof value.getItems === 'function') return value.getItems(false);
    return [typeof value.unwrap === 'function' ? value.unwrap() : value];
  });
}

function refOf(routing: Routing, entity: object): ObjectRef | undefined {
  const helper = (entity as Wrapped).__helper;
  if (helper === undefined) return undefined;
  const known = helper.__originalEntityData !== undefined;
  const owner = known ? routingOf(helper.__em) : undefined;
  const database = owner === routing ? origins.get(entity) : undefined;
  return {
    model: modelOf(helper.__meta),
    instance: entity,
    cluster: owner && clusterName(owner, routing),
    database: database === undefined ? undefined : routing.cluster.databases.get(database),
  };
}

/** Two clusters of one name are two all the same. */
function clusterName(owner: Routing, own: Routing): string {
  const { name } = owner.cluster;
  return owner !== own && name === own.cluster.name ? `${name} (another)` : name;
}

function nameOf(model: Model): string {
  return typeof model === 'string' ? model : model.name;
}
