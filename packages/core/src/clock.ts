/** Time and chance, injected so that tests neither wait nor guess. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
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
  epoch: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
