import { random } from './random.js';
import type { Chance, SelectFunction } from './select.js';

/** By chance, in proportion to each database's `weight`: `random()`, under the name that says what the weights do. */
export function weighted(options: Chance = {}): SelectFunction {
  return random(options);
}
