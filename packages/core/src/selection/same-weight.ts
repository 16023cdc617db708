import type { Database } from '../databases.js';
import type { NonEmpty } from './select.js';

/** Whether no candidate is to get more than another. */
export function sameWeight(candidates: NonEmpty<Database>): boolean {
  const { weight } = candidates[0];
  for (let index = 1; index < candidates.length; index += 1) if (candidates[index]?.weight !== weight) return false;
  return true;
}
