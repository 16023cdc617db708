import type { Clock } from '../clock.js';

/** Those who wait for something to change. */
export class Waiters {
  readonly #clock: Clock;
  #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Settles at the next `wake()`, or after `ms` milliseconds. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.#waiting.delete(settle);
        resolve();
      };
      const cancel = this.#clock.after(ms, settle);
      this.#waiting.add(settle);
    });
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const settle of waiting) settle();
  }
}
