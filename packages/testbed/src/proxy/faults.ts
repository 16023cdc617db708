/** The way bytes go: `up` to the database, `down` to its client. */
export type Direction = 'up' | 'down';

/** What a proxy does to its connections now. Every lane reads it for every chunk. */
export interface Faults {
  latencyMs: number;
  /** Added to the latency at random, between 0 and this. */
  jitterMs: number;
  /** Nothing passes in these directions. */
  readonly blackHole: Set<Direction>;
}

export function noFaults(): Faults {
  return { latencyMs: 0, jitterMs: 0, blackHole: new Set() };
}
