/**
 * Peak EWMA: a slower answer counts at once, a faster one decays in. `w = exp(-dt / decay)`;
 * `cost = max(sample, cost * w + sample * (1 - w))` (Finagle, Linkerd). Their decay of 10 s starves a replica that
 * has recovered, so ours is 1 s.
 */
const DECAY_MS = 1_000;
/** What a failed answer counts as, in milliseconds; without it a replica that fails fast attracts every read. */
const FAILURE_MS = 100;

/** What one database is busy with: live gauges, shared by all pictures of that database. */
export class Load {
  #inFlight = 0;
  #costMs = 0;
  #at = 0;

  /** Statements, streams and transactions that hold this database now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Recent answer time in milliseconds, weighted towards slow answers; 0 until one was measured. */
  costMs(now: number): number {
    return this.#costMs * Math.exp((this.#at - now) / DECAY_MS);
  }

  started(): void {
    this.#inFlight += 1;
  }

  /** `waitedMs`: how long its answer was waited for; undefined: how long it took says nothing of the database. */
  finished(now: number, waitedMs: number | undefined, failed: boolean): void {
    this.#inFlight -= 1;
    const sample = failed ? Math.max(waitedMs ?? 0, FAILURE_MS) : waitedMs;
    if (sample === undefined) return;
    const weight = Math.exp((this.#at - now) / DECAY_MS);
    this.#costMs = Math.max(sample, this.#costMs * weight + sample * (1 - weight));
    this.#at = now;
  }

  /**
   * A check was answered. It costs as much as that at least, so that a slow database to which nothing is sent is not taken
   * for a fast one once its last answer is forgotten.
   */
  checked(now: number, waitedMs: number): void {
    this.#costMs = Math.max(waitedMs, this.costMs(now));
    this.#at = now;
  }
}
