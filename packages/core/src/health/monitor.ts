import type { Clock } from '../clock.js';
import { textOf } from './blame.js';
import { LATE_MS } from './late.js';
import type { Limits, Reading, Verdict } from './verdict.js';
import { checkAfterMs, HEALTHY, judge, served } from './verdict.js';

/** One check of one database; must settle once `signal` is aborted. */
export type Probe = (database: string, signal: AbortSignal) => Promise<Reading>;

export interface MonitorOptions {
  readonly clock: Clock;
  /** Undefined: nothing is probed, and a database that went down is tried again after a while. */
  readonly probe: Probe | undefined;
  /** Milliseconds after which a check that is not answered counts as one silent reading, and again after as many. */
  readonly patienceMs: (database: string) => number;
  /** Milliseconds between two checks of a healthy database; each wait is 0.75 to 1.25 times that. */
  readonly intervalMs: number;
  readonly limits: Limits;
  /** Called when a verdict has changed. */
  readonly onVerdict: (database: string, verdict: Verdict, before: Verdict) => void;
}

/** A check that is under way. */
interface Check {
  readonly startedAt: number;
  readonly abort: AbortController;
  readonly over: Promise<void>;
  cancelPatience: (() => void) | undefined;
}

interface Watch {
  verdict: Verdict;
  cancel: (() => void) | undefined;
  check: Check | undefined;
  /** When it was last looked at out of turn. */
  lookedAt: number;
}

/** A check that hangs for so many times its patience is given up, and begun anew on a new connection. */
const GIVE_UP_AFTER = 4;
/** Timers come before what the network has brought while this process stood still; so much later it has been read. */
const READ_MS = 20;
/** With the checks in turn, at most four a second. */
const LOOK_EVERY_MS = 900;

/** Checks each database in the background, off the path of requests, and hears what requests have met. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #watches = new Map<string, Watch>();
  #running = false;

  constructor(databases: readonly string[], options: MonitorOptions) {
    this.#options = options;
    for (const name of databases) this.#watches.set(name, newWatch(HEALTHY));
  }

  /** Begins to check; before that, and after `stop()`, only what requests meet counts. */
  start(): void {
    this.#running = true;
    for (const [name, watch] of this.#watches) this.#schedule(name, watch);
  }

  /** One more database to check. */
  add(database: string): void {
    const watch = newWatch(HEALTHY);
    this.#watches.set(database, watch);
    if (this.#running) this.#schedule(database, watch);
  }

  remove(database: string): void {
    const watch = this.#watches.get(database);
    this.#watches.delete(database);
    if (watch !== undefined) end(watch);
  }

  verdict(database: string): Verdict {
    return this.#watches.get(database)?.verdict ?? HEALTHY;
  }

  /** What a statement met at a database; it is checked soon. */
  report(database: string, reading: Reading): void {
    if (this.#running) this.decide(database, reading);
  }

  /** What somebody has decided about a database; it holds while nothing is checked, too. */
  decide(database: string, reading: Reading): void {
    const watch = this.#watches.get(database);
    if (watch === undefined) return;
    this.#fold(database, watch, reading);
    if (this.#running) this.#schedule(database, watch);
  }

  /** A statement was served. */
  served(database: string): void {
    const watch = this.#watches.get(database);
    if (watch !== undefined && watch.verdict.health === 'up') watch.verdict = served(watch.verdict);
  }

  /** Checks a database at once, out of turn. Answers false if that would be too often. */
  look(database: string): boolean {
    const watch = this.#watches.get(database);
    if (watch === undefined || !this.#running || this.#options.probe === undefined) return false;
    if (watch.check !== undefined) return true;
    const now = this.#options.clock.now();
    if (now - watch.lookedAt < LOOK_EVERY_MS) return false;
    watch.lookedAt = now;
    watch.cancel?.();
    void this.#check(database, watch);
    return true;
  }

  /** For how many milliseconds the check under way has had no answer; undefined: none is under way. */
  unansweredMs(database: string): number | undefined {
    const check = this.#watches.get(database)?.check;
    return check && this.#options.clock.now() - check.startedAt;
  }

  /** Settles when every database was asked something after now, and has answered or shown no sign of life. */
  async checkAll(): Promise<void> {
    await Promise.all([...this.#watches].map(([name, watch]) => this.#checkAnew(name, watch)));
  }

  stop(): void {
    this.#running = false;
    for (const watch of this.#watches.values()) end(watch);
  }

  async #checkAnew(name: string, watch: Watch): Promise<void> {
    await this.#patiently(name, watch.check?.over);
    if (!this.#running || this.#watches.get(name) !== watch) return;
    watch.cancel?.();
    await this.#patiently(name, watch.check === undefined ? this.#check(name, watch) : watch.check.over);
  }

  #patiently(name: string, over: Promise<void> | undefined): Promise<void> {
    if (over === undefined) return Promise.resolve();
    const { clock, patienceMs } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.after(patienceMs(name), resolve);
      void over.then(() => {
        cancel();
        resolve();
      });
    });
  }

  #schedule(name: string, watch: Watch): void {
    const { clock, intervalMs, probe } = this.#options;
    watch.cancel?.();
    watch.cancel = undefined;
    if (probe === undefined && watch.verdict.health === 'up') return;
    const delayMs = checkAfterMs(watch.verdict, intervalMs) * (0.75 + clock.random() / 2);
    watch.cancel = clock.after(delayMs, () => {
      void this.#check(name, watch);
    });
  }

  /** A check that hangs is awaited, not repeated. */
  #check(name: string, watch: Watch): Promise<void> {
    if (watch.check !== undefined) return watch.check.over;
    const abort = new AbortController();
    const reading = this.#read(name, abort.signal);
    const over = reading.then((found) => {
      check.cancelPatience?.();
      // stopped, removed, or given up: whatever it says is of no interest
      if (watch.check === check) watch.check = undefined;
      if (!abort.signal.aborted) this.#fold(name, watch, found);
      if (this.#running && this.#watches.get(name) === watch && watch.check === undefined) this.#schedule(name, watch);
    });
    const check: Check = { startedAt: this.#options.clock.now(), abort, over, cancelPatience: undefined };
    watch.check = check;
    this.#wait(name, watch, check);
    return over;
  }

  /** Counts the silence of a check, and gives it up at last. */
  #wait(name: string, watch: Watch, check: Check): void {
    const { clock, patienceMs } = this.#options;
    const patience = patienceMs(name);
    if (patience === Infinity) return;
    check.cancelPatience = clock.after(patience, () => {
      const due = clock.now() + READ_MS;
      check.cancelPatience = clock.after(READ_MS, () => {
        const now = clock.now();
        const silentMs = now - check.startedAt;
        const error = `no answer within ${Math.round(silentMs)} ms`;
        if (now - due <= LATE_MS) this.#fold(name, watch, { kind: 'silent', error });
        if (silentMs >= GIVE_UP_AFTER * patience) check.abort.abort();
        else this.#wait(name, watch, check);
      });
    });
  }

  async #read(name: string, signal: AbortSignal): Promise<Reading> {
    const { probe } = this.#options;
    if (probe === undefined) return { kind: 'alive' };
    try {
      return await probe(name, signal);
    } catch (error) {
      return { kind: 'silent', error: textOf(error) };
    }
  }

  #fold(name: string, watch: Watch, reading: Reading): void {
    const { clock, limits, onVerdict } = this.#options;
    const before = watch.verdict;
    watch.verdict = judge(before, reading, limits, clock.now());
    if (watch.verdict !== before) onVerdict(name, watch.verdict, before);
  }
}

function newWatch(verdict: Verdict): Watch {
  return { verdict, cancel: undefined, check: undefined, lookedAt: -Infinity };
}

function end(watch: Watch): void {
  watch.cancel?.();
  watch.cancel = undefined;
  watch.check?.cancelPatience?.();
  watch.check?.abort.abort();
  watch.check = undefined;
}
