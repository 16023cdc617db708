import type { Cluster } from '@sluice/core';
import { now } from './clock.js';
import type { Call, Told, Trace } from './trace.js';

/** A call that has not ended. */
interface Pending {
  readonly kind: Call['kind'];
  readonly dueMs: number;
  readonly token?: string;
}

type End = Pick<Call, 'outcome' | 'servedBy' | 'error'>;

/** Writes down what becomes of every call, and what the cluster tells meanwhile. */
export class Recorder {
  readonly #calls: Call[] = [];
  readonly #pending = new Set<Pending>();
  readonly #told: Told[] = [];
  #sent = 0;
  #attempts: number | undefined;

  listenTo(cluster: Cluster): void {
    this.#attempts = 0;
    cluster.on('route', () => {
      this.#attempts = (this.#attempts ?? 0) + 1;
    });
    cluster.on('health', ({ database, health }) => {
      this.#told.push({ event: 'health', atMs: now(), database, health });
    });
    cluster.on('retry', ({ database }) => this.#told.push({ event: 'retry', atMs: now(), database }));
    cluster.on('primary', ({ database }) => this.#told.push({ event: 'primary', atMs: now(), database }));
  }

  /** The call was sent; answers what to say at its end. */
  began(call: Pending): (end: End) => void {
    this.#sent += 1;
    this.#pending.add(call);
    return (end) => {
      // one that ends when nobody waits for it any more was written down as unanswered
      if (this.#pending.delete(call)) this.#calls.push({ ...call, endMs: now(), ...end });
    };
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** What has not ended by now never will. */
  trace(unhandled: Trace['unhandled']): Trace {
    const endMs = now();
    for (const call of this.#pending) this.#calls.push({ ...call, endMs, outcome: 'unanswered' });
    this.#pending.clear();
    return { sent: this.#sent, calls: this.#calls, attempts: this.#attempts, told: this.#told, unhandled };
  }
}
