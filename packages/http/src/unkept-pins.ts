/** As many users as are remembered at once. */
const MOST = 10_000;

/** Pins that their store did not take: this process at least remembers them, until they are over. */
export class UnkeptPins {
  readonly #windowMs: number;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #byId = new Map<string, { readonly pins: string; readonly until: number }>();

  /** `now`: monotonic milliseconds. */
  constructor(windowMs: number, now: () => number = () => performance.now()) {
    this.#windowMs = windowMs;
    this.#now = now;
  }

  add(id: string, pins: string): void {
    const now = this.#now();
    this.#byId.delete(id);
    this.#byId.set(id, { pins, until: now + this.#windowMs });
    for (const [oldest, { until }] of this.#byId) {
      if (until > now && this.#byId.size <= MOST) return;
      this.#byId.delete(oldest);
    }
  }

  /** The pins of this id that are not over. */
  find(id: string): string | undefined {
    const found = this.#byId.get(id);
    return found !== undefined && found.until > this.#now() ? found.pins : undefined;
  }
}
