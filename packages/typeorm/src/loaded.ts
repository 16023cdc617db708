import type { EntityManager, EntityMetadata } from 'typeorm';
import { patch } from './patch.js';
import type { RoutedRunner } from './routed-runner.js';
import type { Routing } from './routing.js';

/** Where an entity object was loaded from or saved to. */
export interface EntityOrigin {
  readonly routing: Routing;
  readonly database: string;
}

const origins = new WeakMap<object, EntityOrigin>();

export function originOf(entity: object): EntityOrigin | undefined {
  return origins.get(entity);
}

/** Remembers where entities were saved to. */
export function rememberSaved(entities: readonly object[], origin: EntityOrigin): void {
  for (const entity of entities) origins.set(entity, origin);
}

/** Remembers where entities came from, joined ones too. */
function rememberLoaded(entities: readonly object[], metadata: EntityMetadata, origin: EntityOrigin): void {
  for (const entity of entities) {
    if (origins.get(entity) === origin) continue;
    origins.set(entity, origin);
    for (const relation of metadata.relations) {
      if (relation.isLazy) continue;
      const value: unknown = relation.getEntityValue(entity);
      // with `loadRelationIds` there are ids in the place of objects
      const related = (Array.isArray(value) ? value : [value]).filter(
        (each) => typeof each === 'object' && each !== null,
      );
      rememberLoaded(related, relation.inverseEntityMetadata, origin);
    }
  }
}

/** `create()` and `merge()` copy the objects they are given, related ones too: a copy comes from where its source did. */
export function patchCopies(manager: EntityManager): void {
  const { plainObjectToEntityTransformer: copier } = manager as unknown as {
    readonly plainObjectToEntityTransformer: object;
  };
  type Copying = [copy: object, source: object, ...rest: unknown[]];
  // it calls itself for each related object
  patch<object, Copying, void>(
    Object.getPrototypeOf(copier) as object,
    'groupAndTransform',
    (stock) =>
      function copying(copy, source, ...rest) {
        const origin = origins.get(source);
        if (origin !== undefined && !origins.has(copy)) origins.set(copy, origin);
        stock.call(this, copy, source, ...rest);
      },
  );
}

/** The subset of TypeORM's broadcaster that is used. */
interface Broadcaster {
  broadcast(event: string, ...details: unknown[]): Promise<void>;
}
export type BroadcasterClass = new (runner: RoutedRunner) => Broadcaster;

/** A broadcaster that remembers where the entities that its query runner loads came from. */
export function rememberingBroadcaster(stock: BroadcasterClass, routing: Routing): BroadcasterClass {
  const from = new Map<string, EntityOrigin>();
  for (const { name: database } of routing.cluster.databases.all) from.set(database, { routing, database });

  return class RememberingBroadcaster extends stock {
    readonly #runner: RoutedRunner;

    constructor(runner: RoutedRunner) {
      super(runner);
      this.#runner = runner;
    }

    override broadcast(event: string, ...details: unknown[]): Promise<void> {
      if (event === 'Load') {
        const origin = from.get(this.#runner.servedBy ?? '');
        const [metadata, entities] = details as [EntityMetadata, readonly object[]];
        if (origin !== undefined) rememberLoaded(entities, metadata, origin);
      }
      return super.broadcast(event, ...details);
    }
  };
}
