import type { Position } from './position.js';
import { reached } from './position.js';

interface Sample {
  readonly position: Position;
  readonly at: number;
}

/** Positions that are kept: minutes of a primary that never rests, hours of one that does. */
const KEPT = 1_024;

/**
 * Where the primary was when. What a replica has not reached yet, it is behind by the time since the primary was first
 * seen there: no heartbeat table, no common clock, and right on an idle primary. Off by one check at the most.
 */
export class PrimaryTimeline {
  #samples: Sample[] = [];

  /** The primary was seen at this position; `at` is when it was asked. */
  add(position: Position, at: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && reached(last.position, position)) return;
    this.#samples.push({ position, at });
    if (this.#samples.length > 2 * KEPT) this.#samples = this.#samples.slice(-KEPT);
  }

  /** Milliseconds that a replica at this position was behind; undefined: the primary has not been seen yet. */
  lagMs(position: Position, at: number): number | undefined {
    if (this.#samples.length === 0) return undefined;
    let low = 0;
    let high = this.#samples.length;
    // the first sample that the replica has not reached; positions only grow
    while (low < high) {
      const middle = (low + high) >> 1;
      const sample = this.#samples[middle];
      if (sample !== undefined && reached(position, sample.position)) low = middle + 1;
      else high = middle;
    }
    const missed = this.#samples[low];
    return missed === undefined ? 0 : Math.max(0, at - missed.at);
  }

  /** The last position of the primary. */
  get position(): Position | undefined {
    return this.#samples.at(-1)?.position;
  }

  /** Another primary: what was seen of the one before says nothing any more. */
  clear(): void {
    this.#samples = [];
  }
}
