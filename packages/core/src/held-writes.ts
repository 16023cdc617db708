import type { Waited } from './attempts.js';
import type { Config } from './config.js';
import type { Frame } from './context.js';
import type { Health } from './health/health.js';
import type { StatementInfo } from './request.js';
import type { Route } from './route.js';

/** Writes that may wait for a primary at one time; more fail at once, lest a long outage fills the memory. */
const MOST = 1_000;
/** A write that waits tries its luck as often, whatever the checks have found. Milliseconds. */
const STEP_MS = 250;

type Decide = (info: StatementInfo, frame: Frame, tried: readonly string[]) => Route | undefined;

/** Writes that had no effect, and wait for a primary: until the roles are known again, and for `holdWritesMs`. */
export class HeldWrites {
  readonly #config: Config;
  readonly #health: Health;
  readonly #decide: Decide;
  #held = 0;

  constructor(config: Config, health: Health, decide: Decide) {
    this.#config = config;
    this.#health = health;
    this.#decide = decide;
  }

  /** Where a write may go after all; undefined: nowhere in the time that it may wait. */
  async later(info: StatementInfo, frame: Frame, { failure, tried, since }: Waited): Promise<Route | undefined> {
    if (info.intent !== 'write') return undefined;
    if (failure === 'read-only') {
      await this.#health.lookAgain();
      const route = this.#decide(info, frame, tried);
      if (route !== undefined) return route;
    }
    const until = since + this.#config.holdWritesMs;
    if (this.#held >= MOST || until <= this.#config.clock.now()) return undefined;
    this.#held += 1;
    try {
      return await this.#hold(info, frame, until);
    } finally {
      this.#held -= 1;
    }
  }

  async #hold(info: StatementInfo, frame: Frame, until: number): Promise<Route | undefined> {
    for (;;) {
      const left = until - this.#config.clock.now();
      if (left <= 0) return undefined;
      await this.#health.changed(Math.min(left, STEP_MS));
      const route = this.#decide(info, frame, []);
      if (route !== undefined && this.#health.takesWrites(route.database)) return route;
    }
  }
}
