import type { Database } from '../databases.js';
import { nearest } from './nearest.js';

/** At least one. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** Chooses one of several databases that may all serve a statement. Called once per decision; must not throw. */
export type SelectFunction = (candidates: NonEmpty<Database>) => Database;

/** A strategy with a state of its own. */
export interface SelectStrategy {
  select(candidates: NonEmpty<Database>): Database;
}

export type Select = SelectFunction | SelectStrategy;

/** Chance for a strategy. */
export interface Chance {
  /** A number in [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
}

/** The strategy's choice among the nearest, or nothing where there is nothing to choose from. */
export function choose(select: Select, candidates: readonly Database[]): Database | undefined {
  const offered = nearest(candidates);
  if (!isNonEmpty(offered)) return undefined;
  if (offered.length === 1) return offered[0];
  return typeof select === 'function' ? select(offered) : select.select(offered);
}

function isNonEmpty<T>(items: readonly T[]): items is NonEmpty<T> {
  return items.length > 0;
}

export function isSelect(value: unknown): value is Select {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && typeof (value as SelectStrategy).select === 'function';
}
