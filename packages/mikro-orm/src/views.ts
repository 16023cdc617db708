import type { Facade } from './facade.js';
import type { ConnectionInternals, DriverInternals, MetaInternals } from './internals.js';
import type { Origin } from './statement.js';

/** A driver's two faces: what it hands out to those who want to read, and to those who want to write. */
export interface Facades {
  readonly read: Facade;
  readonly write: Facade;
}

const ORIGIN = Symbol('origin');

interface View extends DriverInternals {
  [ORIGIN]: Origin;
}

/**
 * Views of a driver that know what their statements come from. A query builder keeps the driver it was made by, also
 * in its clones, so that is where it is told; MikroORM's own ways to mark a statement do not survive them.
 */
export class Views {
  readonly #root: DriverInternals;
  readonly #prototype: object;

  constructor(root: DriverInternals, facades: Facades) {
    this.#root = root;
    this.#prototype = Object.create(root, {
      getConnection: {
        value: function getConnection(this: View, kind: keyof Facades = 'write'): ConnectionInternals {
          return comingFrom(facades[kind], this[ORIGIN]);
        },
      },
      connection: {
        get(this: View): ConnectionInternals {
          return comingFrom(facades[this[ORIGIN].kind ?? 'write'], this[ORIGIN]);
        },
      },
      // what MySQL's drivers remember is the driver's, not a view's
      autoIncrementIncrement: {
        get: () => root.autoIncrementIncrement,
        set: (increment: number) => {
          root.autoIncrementIncrement = increment;
        },
      },
    }) as object;
  }

  /** The driver as seen by a call about one entity. */
  of(origin: Origin): DriverInternals {
    const view = Object.create(this.#prototype) as View;
    view[ORIGIN] = origin;
    return view;
  }

  metaOf(entity: unknown): MetaInternals | undefined {
    return this.#root.metadata?.find(entity);
  }
}

/** A copy per builder is too dear: it is the same facade, with an origin of its own. */
function comingFrom(facade: Facade, origin: Origin): Facade {
  const copy = Object.create(facade) as Facade;
  copy.origin = origin;
  return copy;
}
