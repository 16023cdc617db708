import type { Rates } from './asks.js';

/** How much load, and for how long. */
export interface Effort extends Rates {
  /** Milliseconds under load before the fault, from the fault until it is ended, and after that. */
  readonly healthyMs: number;
  readonly lastsMs: number;
  readonly afterMs: number;
  /** How long the last calls, and the close, may take. */
  readonly patienceMs: number;
}
