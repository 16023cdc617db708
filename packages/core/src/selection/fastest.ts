import type { Database } from '../databases.js';
import type { Chance, NonEmpty, SelectFunction } from './select.js';

export interface FastestOptions extends Chance {
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Power of two choices over peak EWMA: of two databases drawn by chance, the one with the lower
 * `recent answer time × (in flight + 1) / weight`. The answer time decays within 1 s, and a failure counts as a slow
 * answer. Source: Finagle's P2C with PeakEwma; the failure penalty is Linkerd's.
 */
export function fastest({
  random: chance = Math.random,
  now = () => performance.now(),
}: FastestOptions = {}): SelectFunction {
  return (candidates) => {
    const drawn = drawable(candidates);
    const first = Math.floor(chance() * drawn);
    if (drawn === 1) return nth(candidates, drawn, first);
    let second = Math.floor(chance() * (drawn - 1));
    if (second >= first) second += 1;
    const a = nth(candidates, drawn, first);
    const b = nth(candidates, drawn, second);
    const at = now();
    const [busyA, busyB] = [busyness(a), busyness(b)];
    const [costA, costB] = [a.load.costMs(at) * busyA, b.load.costMs(at) * busyB];
    if (costA === costB) return busyA <= busyB ? a : b;
    return costA < costB ? a : b;
  };
}

function busyness({ load, weight }: Database): number {
  return (load.inFlight + 1) / (weight || 1);
}

/** How many have a weight; all of them, if none has. */
function drawable(candidates: NonEmpty<Database>): number {
  let count = 0;
  for (const { weight } of candidates) if (weight > 0) count += 1;
  return count || candidates.length;
}

/** The `index`th of those that may be drawn. */
function nth(candidates: NonEmpty<Database>, drawn: number, index: number): Database {
  if (drawn === candidates.length) return candidates[index] ?? candidates[0];
  let left = index;
  for (const database of candidates) {
    if (database.weight === 0) continue;
    if (left === 0) return database;
    left -= 1;
  }
  return candidates[0];
}
