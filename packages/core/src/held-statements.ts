import type { Attempting, Waited } from './attempts.js';
import type { Config } from './config.js';
import type { Frame } from './context.js';
import type { Health } from './health/health.js';
import type { StatementInfo } from './request.js';
import type { Route } from './route.js';

/** Statements that may wait for a primary at one time; more fail at once, lest a long outage fills the memory. */
const MOST = 1_000;
/** One that waits tries its luck as often, whatever the checks have found. Milliseconds. */
const STEP_MS = 250;

interface Holding extends Pick<Attempting, 'route' | 'wouldServe'> {
  /** Whether nobody but a primary can serve it. */
  mayWait(info: StatementInfo, frame: Frame): boolean;
}

/**
 * Writes, and reads that must be fresh, that had no effect and wait for a primary: until the roles are known again, and
 * for `holdWritesMs`.
 */
export class HeldStatements {
  readonly #config: Config;
  readonly #health: Health;
  readonly #holding: Holding;
  #held = 0;

  constructor(config: Config, health: Health, holding: Holding) {
    this.#config = config;
    this.#health = health;
    this.#holding = holding;
  }

  /** Where such a statement may go after all; undefined: nowhere in the time that it may wait. */
  async later(info: StatementInfo, frame: Frame, { failure, tried, since }: Waited): Promise<Route | undefined> {
    if (!this.#holding.mayWait(info, frame)) return undefined;
    if (failure === 'read-only') {
      await this.#health.lookAgain();
      const route = this.#holding.route(info, frame, tried);
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
      const route = this.#holding.route(info, frame, []);
      if (route !== undefined && this.#holding.wouldServe(info, route.database)) return route;
    }
  }
}
