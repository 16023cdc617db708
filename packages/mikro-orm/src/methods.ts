import { currentFrame, placementFor, usePrimary } from '@sluice/core';
import { asCall, callOf } from './calls.js';
import type { EntityManagerInternals } from './internals.js';
import { scopedLoader } from './loaders.js';
import { remember } from './relations.js';
import type { Routing } from './routing.js';
import { keepingFrame } from './streams.js';

/** A method of an entity manager, as it is wrapped. */
export type Method = (this: EntityManagerInternals, ...args: unknown[]) => unknown;

/** All statements of a call belong to one database. */
export function called(routing: Routing, stock: Method): Method {
  return function call(...args) {
    return asCall(routing, () => stock.apply(this, args));
  };
}

/** Remembers where the entities of a call came from, if a router wants to know. */
export function remembering(routing: Routing, stock: Method): Method {
  if (!routing.asksRelations) return stock;
  return function load(...args) {
    return asCall(routing, async () => {
      const found = await stock.apply(this, args);
      const held = callOf(routing)?.held;
      if (held !== undefined) remember(found, held.database);
      return found;
    });
  };
}

/** Reads that are about to be written back: on the primary if the session wrote, else as any read. */
export function freshly({ cluster }: Routing, stock: Method): Method {
  return function refresh(...args) {
    const work = (): unknown => stock.apply(this, args);
    return cluster.sessionWrote() ? usePrimary(work, { cluster: cluster.name }) : work();
  };
}

export function flushed(
  stock: Method,
  run: (em: EntityManagerInternals, work: () => Promise<void>) => Promise<void>,
): Method {
  return function flush() {
    return run(this.getContext(false), () => stock.call(this) as Promise<void>);
  };
}

/** A stream stays in the scope in which it was made. */
export function streamed(stock: Method): Method {
  return function stream(...args) {
    return keepingFrame(currentFrame(), stock.apply(this, args) as AsyncGenerator<unknown>);
  };
}

/** MikroORM 7 makes its data loaders when they are asked for. */
export function loading(stock: Method): Method {
  const loaders = new WeakMap<object, unknown>();
  return async function getDataLoader(...args) {
    const loader = (await stock.apply(this, args)) as object;
    if (!loaders.has(loader)) loaders.set(loader, scopedLoader(loader));
    return loaders.get(loader);
  };
}

/** What the result cache has kept of a replica must not answer those who read from the primary. */
export function cached(routing: Routing, stock: Method): Method {
  return function tryCache(entity, config, key, ...more) {
    const mark = markOf(routing);
    if (mark === undefined) return stock.call(this, entity, config, key, ...more);
    if (!Array.isArray(config)) return stock.call(this, entity, config, [...(key as unknown[]), mark], ...more);
    const [name, ...rest] = config as unknown[];
    return stock.call(this, entity, [`${String(name)}|${mark}`, ...rest], key, ...more);
  };
}

function markOf({ cluster }: Routing): string | undefined {
  const frame = currentFrame();
  const placement = placementFor(frame, cluster.name);
  if (placement !== undefined) return placement.database ?? placement.kind;
  return frame.session?.isPinned(cluster) === true ? 'primary' : undefined;
}
