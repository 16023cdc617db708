import type { Clock } from './clock.js';
import type { Failure } from './failure.js';

/** What follows a failed attempt: ask another database, tell the caller, or say that the outcome is not known. */
export type Step = 'elsewhere' | 'fail' | 'unknown';

export interface Attempted {
  readonly sent: boolean;
  /** Whether what was sent may have changed something. */
  readonly write: boolean;
}

/**
 * The one rule of repeating: a statement is sent again only if it surely had no effect. Not sent: always. A plain
 * read, or the opening of a transaction: if its database failed it. A write: if it was rejected unexecuted.
 */
export function afterFailure(failure: Failure, { sent, write }: Attempted): Step {
  switch (failure) {
    case 'application':
    case 'timeout':
    case 'abandoned':
      return 'fail';
    case 'unusable':
      return sent ? 'fail' : 'elsewhere';
    case 'not-ready':
    case 'read-only':
    case 'overloaded':
      return 'elsewhere';
    case 'conflict':
      return write ? 'fail' : 'elsewhere';
    case 'unreachable':
    case 'lost':
      return sent && write ? 'unknown' : 'elsewhere';
  }
}

/** Share of the reads that may be repeated. */
const RATIO = 0.2;
/** Repeats allowed at once to a cluster that was idle, and refilled within 10 s. */
const FLOOR = 100;
const REFILL_PER_MS = FLOOR / 10_000;

/**
 * A token bucket that keeps an outage from multiplying: 20 % of the reads may be repeated, and some more.
 * Source: Finagle's and tower's retry budget. Repeats of what was never sent cost nothing.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #tokens = FLOOR;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** A read was asked for. */
  deposit(): void {
    if (this.#tokens < 2 * FLOOR) this.#tokens += RATIO;
  }

  /** Whether one more repeat is allowed; takes it if so. */
  withdraw(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.max(this.#tokens, Math.min(FLOOR, this.#tokens + (now - this.#at) * REFILL_PER_MS));
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
