import type { Figures } from './figures.js';

type Figure = keyof { [Name in keyof Figures as Figures[Name] extends number | undefined ? Name : never]: true };

/** What a figure must be. One that is not there is missed: it was never noticed, never back, never closed. */
export type Target =
  | { readonly figure: Figure; readonly most: number }
  | { readonly figure: Figure; readonly least: number };

/** Hold under every fault. */
export const ALWAYS: readonly Target[] = [
  { figure: 'failedReads', most: 0 },
  { figure: 'staleReads', most: 0 },
  { figure: 'lost', most: 0 },
  { figure: 'doubled', most: 0 },
  { figure: 'unhandled', most: 0 },
  { figure: 'closeMs', most: 1_000 },
  { figure: 'lingering', most: 0 },
];

export function isMet(figures: Figures, target: Target): boolean {
  const value = figures[target.figure];
  if (value === undefined) return false;
  return 'most' in target ? value <= target.most : value >= target.least;
}
