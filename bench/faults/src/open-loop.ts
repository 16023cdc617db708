import { now } from './clock.js';

/**
 * Sends at a fixed rate, whatever becomes of what was sent. What is late (a timer, a busy event loop) is made up for at
 * once, and keeps the time at which it was due.
 */
export class OpenLoop {
  readonly #startedAt = now();
  readonly #everyMs: number;
  readonly #send: (dueMs: number) => void;
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ perSecond, send }: { readonly perSecond: number; readonly send: (dueMs: number) => void }) {
    this.#everyMs = 1_000 / perSecond;
    this.#send = send;
    this.#tick();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    const at = now();
    for (let due = this.#due(); due <= at; due = this.#due()) {
      this.#sent += 1;
      this.#send(due);
    }
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, this.#due() - now()));
  }

  #due(): number {
    return this.#startedAt + this.#sent * this.#everyMs;
  }
}
