import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.js';
import type { Engine } from './engine.js';
import { chainOf } from './error-chain.js';
import { SluiceError } from './errors.js';
import type { Failure } from './failure.js';
import { failureOf, isOfDriver, isUnanswered } from './failure.js';
import type { Lease } from './lease.js';
import { numberOption, refuseUnknown, show } from './options.js';
import type { Outcome } from './outcome.js';

export interface RetryableOptions {
  /** How often the work may be run again. Default: 3. */
  readonly retries?: number;
}

/** Milliseconds before the work is run again: four times as many each time, and by chance 0.5 to 1.5 times that. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** What an error of a transaction that was rolled back says: whether it may go well another time. */
const PASSES: Readonly<Record<Failure, boolean>> = {
  unreachable: true,
  overloaded: true,
  lost: true,
  'not-ready': true,
  'read-only': true,
  conflict: true,
  // a mistake of the configuration, a limit that somebody has set, a mistake of the application
  unusable: false,
  timeout: false,
  abandoned: false,
  application: false,
};

/**
 * Transactions that stood in each other's way. After 1205 the server has undone the statement only, but the error has
 * left the work, so that its ORM has rolled back the rest.
 */
const IN_THE_WAY: Readonly<Record<Engine, ReadonlySet<unknown>>> = {
  mysql: new Set([
    1020, // ER_CHECKREAD: MariaDB's snapshot isolation
    1205, // ER_LOCK_WAIT_TIMEOUT
    1213, // ER_LOCK_DEADLOCK
  ]),
  postgres: new Set([
    '40001', // serialization_failure
    '40P01', // deadlock_detected
  ]),
};

/** Runs work again that failed, if it is known that nothing of it has happened. */
export class Retries {
  readonly #engine: Engine;
  readonly #clock: Clock;
  #closing = new AbortController();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  open(): void {
    if (this.#closing.signal.aborted) this.#closing = new AbortController();
  }

  /** Whoever waits to run again is woken, and runs no more. */
  close(): void {
    this.#closing.abort();
  }

  /** @throws SluiceError `SLUICE_CONFIG`; else what the work has thrown last */
  async run<T>(work: () => Promise<T>, options: RetryableOptions = {}): Promise<T> {
    if (typeof work !== 'function') {
      throw new SluiceError(
        'SLUICE_CONFIG',
        `retryable got ${show(work)}; give a function that opens the transaction, so that it can be run again`,
      );
    }
    refuseUnknown('retryable', options, ['retries']);
    const retries = numberOption('retries of retryable', options.retries, { min: 0, fallback: 3 });
    const { signal } = this.#closing;
    for (let repeats = 0; ; repeats += 1) {
      const run = new Run(runs.getStore());
      try {
        return await runs.run(run, work);
      } catch (error) {
        if (repeats >= retries || signal.aborted || !run.mayRepeat(this.#engine, error)) throw error;
        const pauseMs = Math.min(FIRST_PAUSE_MS * 4 ** repeats, LONGEST_PAUSE_MS);
        await pause(this.#clock, pauseMs * (0.5 + this.#clock.random()), signal);
        // what was not awaited may have ended meanwhile
        if (signal.aborted || run.lasts) throw error;
      }
    }
  }
}

const runs = new AsyncLocalStorage<Run>();

/** The run around the caller; undefined: none. */
export function currentRun(): Run | undefined {
  return runs.getStore();
}

/** What became of the statements of one run of some work. */
class Run {
  readonly #outer: Run | undefined;
  readonly #failures = new Set<Failure>();
  #lasts = false;

  constructor(outer: Run | undefined) {
    this.#outer = outer;
  }

  /** Whether something of it has been committed, or may have been. */
  get lasts(): boolean {
    return this.#lasts;
  }

  /** A statement, or a whole transaction, has ended. */
  ended(outcome: Outcome, wrote: boolean): void {
    if (wrote && outcome !== 'rolled-back') this.#last();
  }

  /** A statement has failed. */
  failed(lease: Lease, failure: Failure): void {
    this.#failures.add(failure);
    // outside a transaction a write without an answer may have been applied
    if (lease.changes && lease.sent && !lease.kept && isUnanswered(failure)) this.#last();
    this.#outer?.failed(lease, failure);
  }

  /** Whether nothing of it has happened, and an error says that it may go well another time. */
  mayRepeat(engine: Engine, error: unknown): boolean {
    if (this.#lasts) return false;
    for (const { code } of chainOf(error)) {
      if (code === 'SLUICE_NO_DATABASE' || code === 'SLUICE_OVERLOADED' || code === 'SLUICE_CLOSED') return true;
      if (typeof code === 'string' && code.startsWith('SLUICE_')) return false;
    }
    if (wasInTheWay(engine, error)) return true;
    const failure = failureOf(engine, error);
    if (!PASSES[failure]) return false;
    if (this.#failures.has(failure)) return true;
    // transactions that only read do not tell of their failures; being read only is none of them
    return failure !== 'read-only' && isOfDriver(engine, error);
  }

  #last(): void {
    this.#lasts = true;
    if (this.#outer !== undefined) this.#outer.#last();
  }
}

function wasInTheWay(engine: Engine, error: unknown): boolean {
  const known = IN_THE_WAY[engine];
  for (const { code, errno } of chainOf(error)) if (known.has(engine === 'mysql' ? errno : code)) return true;
  return false;
}

/** Until the time is over, or the cluster is closed. */
function pause(clock: Clock, ms: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // the clock's own timers keep no process alive, but somebody waits for this one
    const alive = setInterval(() => undefined, LONGEST_PAUSE_MS);
    const end = (): void => {
      clearInterval(alive);
      cancel();
      closing.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    closing.addEventListener('abort', end);
  });
}
