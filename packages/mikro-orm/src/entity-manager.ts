import { Flush } from './calls.js';
import { writesOf } from './flush.js';
import type { EntityManagerInternals, UnitOfWorkInternals } from './internals.js';
import { scopeLoaders } from './loaders.js';
import type { Method } from './methods.js';
import { cached, called, flushed, freshly, loading, remembering, streamed } from './methods.js';
import type { Routing } from './routing.js';
import type { Writes } from './statement.js';

type Methods = Record<string, Method | undefined>;

/** Calls that may send several statements, which belong to one database. */
const CALLS = ['count', 'countBy', 'insert', 'insertMany', 'nativeUpdate', 'nativeDelete'];
/** Such calls that give entities. */
const LOADS = [
  'find',
  'findAll',
  'findAndCount',
  'findByCursor',
  'findOne',
  'findOneOrFail',
  'populate',
  'upsert',
  'upsertMany',
  'clone',
];
/** Such calls that read what is about to be written back. */
const REFRESHES = ['refresh', 'refreshOrFail'];

/**
 * Lets an entity manager, and its forks, say which statements are one call, and which are a flush. It keeps its class,
 * which NestJS uses as a token: what is added stands between the object and the class's own prototype.
 */
export class RoutedEntityManagers {
  readonly #routing: Routing;
  readonly #layers = new Map<object, object>();
  /** The flushes of each unit of work that wait for their turn. */
  readonly #flushes = new WeakMap<object, Set<Flush>>();

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  routed<T extends EntityManagerInternals>(em: T): T {
    if (ROUTED in em) return em;
    const prototype = Object.getPrototypeOf(em) as object;
    let layer = this.#layers.get(prototype);
    if (layer === undefined) {
      layer = this.#layer(prototype as Methods);
      this.#layers.set(prototype, layer);
    }
    scopeLoaders(em);
    return Object.setPrototypeOf(em, layer) as T;
  }

  #layer(stock: Methods): object {
    const routing = this.#routing;
    const Stock = stock.constructor as unknown as new (...args: unknown[]) => object;
    class Layered extends Stock {
      constructor(...args: unknown[]) {
        super(...args);
        scopeLoaders(this);
      }
    }
    const layer = Layered.prototype as unknown as Methods;
    Object.defineProperty(layer, ROUTED, { value: true });
    // a fork is made with `new em.constructor(…)`: made with the layer it need not be given it, which is dear
    let forking = false;
    Object.defineProperty(layer, 'constructor', { get: () => (forking ? Layered : Stock), configurable: true });
    const override = (name: string, wrap: (stock: Method) => Method): void => {
      const found = stock[name];
      if (found === undefined) return;
      Object.defineProperty(layer, name, { value: wrap(found), writable: true, configurable: true });
    };
    for (const name of CALLS) override(name, (found) => called(routing, found));
    for (const name of LOADS) override(name, (found) => remembering(routing, called(routing, found)));
    for (const name of REFRESHES) override(name, (found) => freshly(routing, called(routing, found)));
    const routed = (em: EntityManagerInternals): EntityManagerInternals => this.routed(em);
    override(
      'fork',
      (found) =>
        function fork(...args) {
          forking = true;
          try {
            return routed(found.apply(this, args) as EntityManagerInternals);
          } finally {
            forking = false;
          }
        },
    );
    override('flush', (found) => flushed(found, (em, work) => this.#flush(em, work)));
    override('stream', streamed);
    override('getDataLoader', loading);
    override('tryCache', (found) => cached(routing, found));
    return layer;
  }

  /** MikroORM runs a flush that has to wait in the context of the one before; each must run in its caller's. */
  async #flush(em: EntityManagerInternals, work: () => Promise<void>): Promise<void> {
    const flush = new Flush(this.#routing, () => writesOf(this.#routing, em) ?? NOTHING);
    const waiting = this.#waiting(em.getUnitOfWork(false));
    waiting.add(flush);
    try {
      await work();
    } finally {
      waiting.delete(flush);
    }
  }

  /** The flushes of a unit of work in the order of their turns; it does its commits one by one. */
  #waiting(work: UnitOfWorkInternals): Set<Flush> {
    const known = this.#flushes.get(work);
    if (known !== undefined) return known;
    const waiting = new Set<Flush>();
    this.#flushes.set(work, waiting);
    const doCommit = work.doCommit.bind(work);
    work.doCommit = async () => {
      const [flush] = waiting;
      if (flush === undefined) return doCommit();
      waiting.delete(flush);
      return flush.run(doCommit);
    };
    return waiting;
  }
}

const ROUTED = Symbol('@sluice/mikro-orm/routed');
const NOTHING: Writes = { models: [], entities: [] };
