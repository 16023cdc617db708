import { AsyncLocalStorage } from 'node:async_hooks';
import { SluiceError } from './errors.js';
import type { Session } from './session.js';

/** A lexical override of where statements go, innermost first. */
export interface Placement {
  readonly kind: 'primary' | 'replica' | 'database';
  /** Of `kind: 'database'`. */
  readonly database: string | undefined;
  /** The cluster it holds for; undefined: all. */
  readonly cluster: string | undefined;
  readonly outer: Placement | undefined;
}

/** A lexical fact that holds for one cluster or for all, innermost first. */
interface Layer<T> {
  readonly value: T;
  readonly cluster: string | undefined;
  readonly outer: Layer<T> | undefined;
}

/** Facts that an application hands to its routers. */
export type Hints = Readonly<Record<string, unknown>>;

/** All that the code around a statement says about it. Never changes; a scope makes a new one. */
export interface Frame {
  readonly session: Session | undefined;
  readonly placement: Placement | undefined;
  readonly unpinned: Layer<true> | undefined;
  readonly hints: Layer<Hints> | undefined;
}

export const EMPTY_FRAME: Frame = { session: undefined, placement: undefined, unpinned: undefined, hints: undefined };
const NO_HINTS: Hints = Object.freeze({});

/** Of this shape of {@link Frame}; another copy of this package with another shape must not share it. */
const SHAPE = 1;
const KEY = Symbol.for('@sluice/core/context');

interface Shared {
  readonly shape: number;
  readonly storage: AsyncLocalStorage<Frame>;
}

const storage = sharedStorage(globalThis as { [KEY]?: Shared });

/** Two copies of core in one process share their scopes and sessions, or say at once that they cannot. */
export function sharedStorage(home: { [KEY]?: Shared }): AsyncLocalStorage<Frame> {
  const shared = (home[KEY] ??= { shape: SHAPE, storage: new AsyncLocalStorage<Frame>() });
  if (shared.shape === SHAPE) return shared.storage;
  throw new SluiceError(
    'SLUICE_CONFIG',
    'two versions of @sluice/core that cannot share sessions are loaded in this process; install one version (npm ls @sluice/core shows both)',
  );
}

export function currentFrame(): Frame {
  return storage.getStore() ?? EMPTY_FRAME;
}

/** Runs `work` in a frame; what an iterator from it does later runs there too. */
export function runInFrame<T>(frame: Frame, work: () => T): T {
  const result = storage.run(frame, work);
  return isGenerator(result) ? inFrame(frame, result) : result;
}

/** Runs `work` as if nothing were said about it. */
export function runOutside<T>(work: () => T): T {
  return storage.run(EMPTY_FRAME, work);
}

/** The placement that holds for a cluster, innermost first. */
export function placementFor(frame: Frame, cluster: string): Placement | undefined {
  let placement = frame.placement;
  while (placement !== undefined && placement.cluster !== undefined && placement.cluster !== cluster) {
    placement = placement.outer;
  }
  return placement;
}

export function pinsWrites(frame: Frame, cluster: string): boolean {
  for (let layer = frame.unpinned; layer !== undefined; layer = layer.outer) {
    if (layer.cluster === undefined || layer.cluster === cluster) return false;
  }
  return true;
}

/** All hints that hold for a cluster; of two with one name the inner one. */
export function hintsFor(frame: Frame, cluster: string): Hints {
  if (frame.hints === undefined) return NO_HINTS;
  const layers: Hints[] = [];
  for (let layer: Layer<Hints> | undefined = frame.hints; layer !== undefined; layer = layer.outer) {
    if (layer.cluster === undefined || layer.cluster === cluster) layers.unshift(layer.value);
  }
  return Object.assign({}, ...layers) as Hints;
}

/**
 * The frame of something made in one place and run in another: it stays where it was made, and belongs to the
 * session in which it runs.
 */
export function bound(made: Frame, running: Frame): Frame {
  if (made === running || made.placement === undefined) return running;
  return { ...running, placement: made.placement, session: running.session ?? made.session };
}

type AnyGenerator = Generator<unknown, unknown, unknown> | AsyncGenerator<unknown, unknown, unknown>;

function isGenerator(value: unknown): value is AnyGenerator & object {
  if (typeof value !== 'object' || value === null) return false;
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'AsyncGenerator' || tag === 'Generator';
}

/** The same generator, each step of which runs in the frame, so that it costs nothing between its steps. */
function inFrame<T extends AnyGenerator>(frame: Frame, generator: T): T {
  const step = (name: 'next' | 'return' | 'throw') => (argument?: unknown) =>
    storage.run(frame, () => (generator[name] as (argument?: unknown) => unknown).call(generator, argument));
  return Object.create(generator, {
    next: { value: step('next') },
    return: { value: step('return') },
    throw: { value: step('throw') },
  }) as T;
}
