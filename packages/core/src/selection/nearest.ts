import type { Database } from '../databases.js';

/** Lists of candidates live as long as their picture, so each is filtered once. */
const KNOWN = new WeakMap<readonly Database[], readonly Database[]>();

/** The candidates in the zone of this process, while one of them has a weight; else all. */
export function nearest(candidates: readonly Database[]): readonly Database[] {
  let near = 0;
  for (const database of candidates) if (database.near) near += 1;
  if (near === 0 || near === candidates.length) return candidates;
  const known = KNOWN.get(candidates);
  if (known !== undefined) return known;
  // a weight of 0 means "only when nothing else is left", and the other zones are something else
  const anyWeight = candidates.some(({ weight }) => weight > 0);
  const found = candidates.filter((database) => database.near && (database.weight > 0 || !anyWeight));
  const offered = found.length === 0 ? candidates : found;
  KNOWN.set(candidates, offered);
  return offered;
}
