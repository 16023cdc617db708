import type { Database } from '../databases.js';
import type { Chance, SelectFunction } from './select.js';

/** The one with the lowest `(in flight + 1) / weight`; among equals, by chance. */
export function leastBusy({ random: chance = Math.random }: Chance = {}): SelectFunction {
  return (candidates) => {
    let best = candidates[0];
    let equals = 1;
    for (let index = 1; index < candidates.length; index += 1) {
      const database = candidates[index];
      if (database === undefined) continue;
      const difference = compare(database, best);
      if (difference > 0) continue;
      equals = difference < 0 ? 1 : equals + 1;
      if (equals === 1 || chance() * equals < 1) best = database;
    }
    return best;
  };
}

/** Below 0: `a` is less busy. Whoever has no weight comes last. */
function compare(a: Database, b: Database): number {
  if (a.weight === 0 || b.weight === 0) return b.weight - a.weight || a.load.inFlight - b.load.inFlight;
  return (a.load.inFlight + 1) / a.weight - (b.load.inFlight + 1) / b.weight;
}
