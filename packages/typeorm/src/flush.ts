import type { Model, ObjectRef } from '@sluice/core';
import { SluiceError } from '@sluice/core';
import type { EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { originOf } from './loaded.js';
import type { Routing } from './routing.js';

/** What one call of `save`, `remove`, `softRemove` or `recover` will write. */
export interface Flush {
  readonly writes: readonly Model[];
  /** The objects of `writes`; a table that is written for the sake of a relation has none. */
  readonly instances: readonly object[];
}

export type FlushMode = 'save' | 'remove' | 'softRemove' | 'recover';

const CASCADES: Readonly<Record<FlushMode, (relation: RelationMetadata) => boolean>> = {
  save: (relation) => relation.isCascadeInsert || relation.isCascadeUpdate,
  remove: (relation) => relation.isCascadeRemove,
  softRemove: (relation) => relation.isCascadeSoftRemove,
  recover: (relation) => relation.isCascadeRecover,
};

interface Found {
  readonly metadata: EntityMetadata;
  readonly entity: object;
}

/**
 * Walks the entities of a call along its cascades, before anything is sent.
 * @throws SluiceError `SLUICE_RELATION_REFUSED`
 */
export function flushOf(routing: Routing, mode: FlushMode, roots: readonly Found[]): Flush | undefined {
  if (roots.length === 0) return undefined;
  const written = new Map<object, Model>();
  const touched = new Set<Model>();
  const left = [...roots];
  for (const found of left) {
    if (written.has(found.entity)) continue;
    const { metadata, entity } = found;
    written.set(entity, metadata.target);
    for (const relation of metadata.relations) {
      const related = relatedTo(entity, relation);
      if (related === undefined) continue;
      // the other side holds the column or the table of this relation
      if (mode === 'save' && !relation.isOwning) touched.add(relation.inverseEntityMetadata.target);
      for (const each of related) {
        if (mode === 'save')
          refuseUnrelated(routing, found, { metadata: relation.inverseEntityMetadata, entity: each });
        if (CASCADES[mode](relation)) {
          left.push({ metadata: relation.inverseEntityMetadata.findInheritanceMetadata(each), entity: each });
        }
      }
    }
  }
  const models = [...written.values()];
  return {
    writes: [...models, ...[...touched].filter((model) => !models.includes(model))],
    instances: [...written.keys()],
  };
}

/** Related objects that are there; undefined for a relation that was not loaded, which is not touched. */
function relatedTo(entity: object, relation: RelationMetadata): readonly object[] | undefined {
  const value: unknown = relation.getEntityValue(entity);
  if (value === undefined || value instanceof Promise) return undefined;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each): each is object => typeof each === 'object' && each !== null);
}

function refuseUnrelated(routing: Routing, a: Found, b: Found): void {
  const { cluster } = routing;
  const [one, other] = [refOf(routing, a), refOf(routing, b)];
  if (cluster.allowsRelation(one, other)) return;
  throw new SluiceError(
    'SLUICE_RELATION_REFUSED',
    `${a.metadata.name} of ${placeOf(one, cluster.name)} may not be related to ${b.metadata.name} of ${placeOf(other, cluster.name)}; keep both in one cluster, or allow it in allowRelation of a router`,
  );
}

function refOf(routing: Routing, { metadata, entity }: Found): ObjectRef {
  const origin = originOf(entity);
  const here = origin?.routing === routing;
  return {
    model: metadata.target,
    instance: entity,
    cluster: origin === undefined || here ? origin && routing.cluster.name : foreignName(origin.routing, routing),
    database: here ? routing.cluster.databases.get(origin.database) : undefined,
  };
}

/** Two clusters of one name are two all the same. */
function foreignName(foreign: Routing, own: Routing): string {
  const { name } = foreign.cluster;
  return name === own.cluster.name ? `${name} (another)` : name;
}

function placeOf(ref: ObjectRef, own: string): string {
  return `cluster ${ref.cluster ?? own}`;
}
