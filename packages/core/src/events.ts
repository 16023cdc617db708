import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { Health, Role } from './databases.js';
import type { Failure } from './failure.js';
import type { Reason } from './route.js';
import type { Intent } from './router.js';

export interface OfDatabase {
  readonly cluster: string;
  readonly database: string;
  readonly role: Role;
}

/** What a cluster tells those who listen, and `node:diagnostics_channel` as `sluice:route`, `sluice:retry`, … */
export interface ClusterEvents {
  /** A statement was given a database. */
  route: OfDatabase & { readonly intent: Intent; readonly reason: Reason; readonly cause: string };
  /** A database failed a statement, and another is asked. */
  retry: OfDatabase & { readonly intent: Intent; readonly reason: Failure; readonly error: unknown };
  /** A database changed its health. */
  health: OfDatabase & { readonly health: Health; readonly before: Health; readonly reason: string };
  /** A committed write pinned its session. */
  pin: OfDatabase & { readonly seconds: number };
  /**
   * Something about who is the primary. `read-only`: the primary refused a write. `promoted`: this database is the
   * primary from now on. `disputed`: this one takes writes although another is the primary, and gets nothing.
   */
  primary: OfDatabase & {
    readonly reason: 'read-only' | 'promoted' | 'disputed';
    /** The primary until then; with `disputed` and `read-only`, the one that stays. */
    readonly before: string;
  };
  /** Idle connections to a database were dropped. */
  pool: OfDatabase & { readonly reason: string };
}

export type ClusterEvent = keyof ClusterEvents;
export type Listener<E extends ClusterEvent> = (event: ClusterEvents[E]) => void;

const CHANNELS = {
  route: channel('sluice:route'),
  retry: channel('sluice:retry'),
  health: channel('sluice:health'),
  pin: channel('sluice:pin'),
  primary: channel('sluice:primary'),
  pool: channel('sluice:pool'),
} as const;

/** Typed listeners; an event that nobody listens to is not even made. */
export class Events {
  readonly #emitter = new EventEmitter();

  on<E extends ClusterEvent>(event: E, listener: Listener<E>): void {
    this.#emitter.on(event, listener);
  }

  off<E extends ClusterEvent>(event: E, listener: Listener<E>): void {
    this.#emitter.off(event, listener);
  }

  /** Tells `make()`, if anybody listens. */
  emit<E extends ClusterEvent>(event: E, make: () => ClusterEvents[E]): void {
    const diagnostics = CHANNELS[event];
    const heard = this.#emitter.listenerCount(event) > 0;
    if (!heard && !diagnostics.hasSubscribers) return;
    const told = make();
    if (diagnostics.hasSubscribers) diagnostics.publish(told);
    if (!heard) return;
    try {
      this.#emitter.emit(event, told);
    } catch (error) {
      // a listener's fault is not the statement's, and must not be lost either
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
