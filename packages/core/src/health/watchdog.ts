import type { Clock } from '../clock.js';
import type { InFlight } from '../in-flight.js';
import { LATE_MS } from './late.js';

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Milliseconds without any answer after which a database that has reads in flight is looked at. */
  readonly suspectMs: number;
  /** Asks a database at once, unless a check is under way. Answers false if that would be too often. */
  readonly look: (database: string) => boolean;
  /** For how long the check under way has been unanswered, over what it may take. Undefined: none is under way. */
  readonly overdue: (database: string) => boolean | undefined;
  /** Neither reads nor the check were answered. */
  readonly frozen: (database: string, silentMs: number) => void;
}

/** How often it looks while something is suspect; a timer that fires later than that by as much proves nothing. */
const STEP_MS = 20;

/**
 * Notices a database that holds connections open and answers nothing: reads are in flight there, none was answered
 * for a while, and a check on a connection of its own is not answered either. Runs only while reads are in flight.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #databases = new Map<string, InFlight>();
  /** When a database could not be judged; what was silent before counts for nothing. */
  readonly #since = new Map<string, number>();
  #cancel: (() => void) | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  watch(database: string, inFlight: InFlight): void {
    this.#databases.set(database, inFlight);
  }

  forget(database: string): void {
    this.#databases.delete(database);
    this.#since.delete(database);
  }

  /** A read was sent; looks at it in due time. */
  arm(): void {
    if (this.#cancel === undefined) this.#schedule(this.#options.suspectMs);
  }

  /** The database answered a check. */
  alive(database: string): void {
    this.#databases.get(database)?.answered(this.#options.clock.now());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(delayMs: number): void {
    const due = this.#options.clock.now() + delayMs;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#patrol(this.#options.clock.now() - due > LATE_MS, delayMs <= STEP_MS);
    });
  }

  /** `step`: what had arrived when it last looked has been read by now. */
  #patrol(late: boolean, step: boolean): void {
    const { clock, suspectMs } = this.#options;
    const now = clock.now();
    let nextMs = Infinity;
    for (const [database, inFlight] of this.#databases) {
      const { oldestAt } = inFlight;
      if (oldestAt === undefined) continue;
      // what arrived while this process stood still has not been read yet
      if (late) this.#since.set(database, now);
      const silentMs = now - Math.max(oldestAt, inFlight.answeredAt, this.#since.get(database) ?? -Infinity);
      if (silentMs < suspectMs) nextMs = Math.min(nextMs, suspectMs - silentMs);
      else nextMs = Math.min(nextMs, this.#suspect(database, silentMs, step));
    }
    if (nextMs < Infinity) this.#schedule(Math.max(nextMs, 1));
  }

  #suspect(database: string, silentMs: number, step: boolean): number {
    const { look, overdue, frozen, suspectMs } = this.#options;
    const check = overdue(database);
    // timers come before what the network has brought while this process stood still
    if (check === true && step) {
      frozen(database, silentMs);
      return suspectMs;
    }
    return check !== undefined || look(database) ? STEP_MS : suspectMs;
  }
}
