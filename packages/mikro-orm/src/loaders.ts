import type { Frame } from '@sluice/core';
import { currentFrame } from '@sluice/core';

/** A loader of the `dataloader` package, as little of it as is needed. */
interface Loader {
  load(key: unknown): Promise<unknown>;
  readonly _batchLoadFn: (keys: readonly unknown[]) => Promise<readonly unknown[]>;
  readonly constructor: unknown;
}

const NOWHERE = {};

/**
 * A loader whose batches do not mix callers from different scopes or sessions: a batch runs as its first caller, who
 * may be on a replica while the next one wants the primary.
 */
class ScopedLoader {
  readonly #stock: Loader;
  #apart: WeakMap<object, WeakMap<object, Loader>> | undefined;

  constructor(stock: Loader) {
    this.#stock = stock;
  }

  load(key: unknown): Promise<unknown> {
    return this.#loaderFor(currentFrame()).load(key);
  }

  #loaderFor({ placement, session }: Frame): Loader {
    if (placement === undefined && session === undefined) return this.#stock;
    this.#apart ??= new WeakMap();
    const ofSession = this.#apart.get(session ?? NOWHERE) ?? new WeakMap<object, Loader>();
    this.#apart.set(session ?? NOWHERE, ofSession);
    const found = ofSession.get(placement ?? NOWHERE) ?? copyOf(this.#stock);
    ofSession.set(placement ?? NOWHERE, found);
    return found;
  }
}

/** MikroORM asks a loader for nothing but `load()`. */
export function scopedLoader<T>(stock: T): T {
  const loader = stock as Loader;
  const known = typeof loader?.load === 'function' && typeof loader._batchLoadFn === 'function';
  return known ? (new ScopedLoader(loader) as T) : stock;
}

function copyOf(stock: Loader): Loader {
  const DataLoader = stock.constructor as new (batch: Loader['_batchLoadFn']) => Loader;
  return new DataLoader(stock._batchLoadFn);
}

/** MikroORM 6 keeps its loaders on each entity manager; 7 makes them when they are asked for. */
const OF_VERSION_6 = ['refLoader', 'colLoader', 'colLoaderMtoN'] as const;

export function scopeLoaders(em: object): void {
  const loaders = em as Partial<Record<(typeof OF_VERSION_6)[number], unknown>>;
  if (loaders.refLoader === undefined) return;
  for (const name of OF_VERSION_6) loaders[name] = scopedLoader(loaders[name]);
}
