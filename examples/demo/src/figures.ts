import type { Arguments } from './arguments.js';
import type { Side } from './shop.js';
import type { Counts } from './tally.js';

export type OfSides = Readonly<Record<Side, Counts>>;

export interface PhaseFigures {
  readonly name: string;
  readonly title: string;
  /** Milliseconds from its beginning to the next phase's. */
  ms: number;
  readonly counts: OfSides;
}

/** All that a run has found. */
export interface Figures {
  readonly arguments: Arguments;
  /** The port of each server, by its name. */
  readonly servers: Readonly<Record<string, number>>;
  readonly phases: readonly PhaseFigures[];
  readonly total: OfSides;
}
