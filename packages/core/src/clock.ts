/** Time and chance, injected so that tests neither wait nor guess. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /**
   * Milliseconds that this process has spent waiting, in all; only differences mean anything. What it computed, or stood
   * still for, while an answer was on its way is no part of the difference.
   */
  waited(): number;
  /** Wall-clock milliseconds since 1970, for times that leave the process. */
  epoch(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Calls back once, `delayMs` milliseconds from now, and keeps no process alive. Returns the cancel. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The real thing. */
export const systemClock: Clock = {
  now: () => performance.now(),
  waited: () => performance.nodeTiming.idleTime,
  epoch: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
