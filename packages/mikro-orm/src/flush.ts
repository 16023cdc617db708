import type { Model } from '@sluice/core';
import type { EntityManagerInternals, MetaInternals } from './internals.js';
import { refuseUnrelated } from './relations.js';
import type { Routing } from './routing.js';
import type { Writes } from './statement.js';
import { modelOf } from './statement.js';

interface Wrapped {
  readonly __helper?: { readonly __meta?: MetaInternals };
}

/**
 * What an entity manager is about to write: its change sets are ready before anything is sent.
 * @throws SluiceError `SLUICE_RELATION_REFUSED`
 */
export function writesOf(routing: Routing, em: EntityManagerInternals): Writes | undefined {
  const work = em.getUnitOfWork(false);
  const models = new Set<Model>();
  const entities = new Set<object>();
  for (const { meta, entity } of work.getChangeSets()) {
    if (meta !== undefined) models.add(modelOf(meta));
    entities.add(entity);
    refuseUnrelated(routing, entity);
  }
  for (const { owner } of work.getCollectionUpdates()) add(owner);
  for (const [entity] of work.getExtraUpdates()) add(entity);
  return models.size === 0 ? undefined : { models: [...models], entities: [...entities] };

  function add(entity: object): void {
    const meta = (entity as Wrapped).__helper?.__meta;
    if (meta !== undefined) models.add(modelOf(meta));
    entities.add(entity);
  }
}

/** Whether a statement about this entity is a part of a flush; a hook may write something else meanwhile. */
export function belongsTo(flush: Writes, meta: MetaInternals | undefined): boolean {
  return meta === undefined || meta.pivotTable === true || flush.models.includes(modelOf(meta));
}
