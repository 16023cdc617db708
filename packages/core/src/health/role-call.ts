import type { Clock } from '../clock.js';

/** Roles are not asked for more often than this, whatever fails meanwhile. Milliseconds. */
const EVERY_MS = 250;

/** Asks all databases at once for their roles, at most some times a second; those who ask meanwhile share the answer. */
export class RoleCall {
  readonly #clock: Clock;
  readonly #checkAll: () => Promise<void>;
  #looking: Promise<void> | undefined;
  #lookedAt = -Infinity;
  #proceed: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, checkAll: () => Promise<void>) {
    this.#clock = clock;
    this.#checkAll = checkAll;
  }

  hold(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  start(): void {
    this.#stopped = false;
  }

  /** Asks nobody any more; who waits for a turn, waits no longer. */
  stop(): void {
    this.#stopped = true;
    this.#proceed?.();
  }

  async #look(): Promise<void> {
    const waitMs = this.#lookedAt + EVERY_MS - this.#clock.now();
    if (waitMs > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(waitMs, resolve);
        this.#proceed = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#lookedAt = this.#clock.now();
    await this.#checkAll();
  }
}
