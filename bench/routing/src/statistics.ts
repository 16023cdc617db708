import type { Spread } from './row.js';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/** The median, and its 95 % interval by the order of the values: no assumption about how they are spread. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const middle = (sorted.length - 1) / 2;
  return {
    median: median(values),
    low: at(sorted, Math.floor(middle - reach)),
    high: at(sorted, Math.ceil(middle + reach)),
  };
}

function at(sorted: readonly number[], index: number): number {
  return sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? Number.NaN;
}
