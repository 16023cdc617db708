import type { Chance, SelectFunction } from './select.js';
import { sameWeight } from './same-weight.js';

/** Any of them by chance, in proportion to each database's `weight`; with equal weights, each as likely. */
export function random({ random: chance = Math.random }: Chance = {}): SelectFunction {
  return (candidates) => {
    if (sameWeight(candidates)) return candidates[Math.floor(chance() * candidates.length)] ?? candidates[0];
    let total = 0;
    for (const database of candidates) total += database.weight;
    let left = chance() * total;
    let chosen = candidates[0];
    for (const database of candidates) {
      if (database.weight === 0) continue;
      chosen = database; // the last with a weight, where rounding leaves something over
      left -= database.weight;
      if (left < 0) break;
    }
    return chosen;
  };
}
