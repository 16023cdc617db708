import type { Figures } from './figures.js';
import type { Result } from './result.js';

/** What can be summed up over faults and engines. */
const COUNTS = {
  reads: 'reads',
  failedReads: 'failed reads',
  staleReads: 'stale reads after own write',
  writes: 'writes',
  failedWrites: 'failed writes',
  lost: 'acknowledged writes lost',
  doubled: 'writes done twice',
  unhandled: 'unhandled errors',
} as const satisfies Partial<Record<keyof Figures, string>>;

/** A row for each count, a cell for each group of results: all faults together. */
export function together(groups: readonly (readonly Result[])[]): string[][] {
  const counts = Object.entries(COUNTS) as readonly (readonly [keyof typeof COUNTS, string])[];
  return counts.map(([figure, title]) => {
    return [title, ...groups.map((results) => String(sum(results.map(({ figures }) => figures[figure]))))];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}
