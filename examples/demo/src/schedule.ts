import { CUSTOMERS, PRODUCTS } from './shop.js';

/** One user's request, and when it comes in. */
export interface Arrival {
  /** Milliseconds from the start of the load. */
  readonly atMs: number;
  /** `browse` reads only; the others write and read back. */
  readonly kind: 'browse' | 'buy' | 'change';
  readonly customer: number;
  readonly product: number;
}

export interface ScheduleOptions {
  readonly requestsPerSecond: number;
  readonly seed: number;
}

/** Share of the requests that write. */
const WRITING = 0.3;

/**
 * Requests that come by chance, as from many users who do not wait for one another, but the same ones at the same
 * times for one seed. Endless.
 */
export function* schedule({ requestsPerSecond, seed }: ScheduleOptions): Generator<Arrival, never> {
  const chance = seeded(seed);
  const oneOf = (count: number): number => 1 + Math.floor(chance() * count);
  for (let atMs = 0; ;) {
    atMs -= Math.log(1 - chance()) * (1_000 / requestsPerSecond);
    const writes = chance() < WRITING;
    const kind = writes ? (chance() < 0.5 ? 'buy' : 'change') : 'browse';
    yield { atMs, kind, customer: oneOf(CUSTOMERS), product: oneOf(PRODUCTS) };
  }
}

/** Numbers in [0, 1), the same for one seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
