import type { Database } from '../../src/databases.js';
import { fastest } from '../../src/selection/fastest.js';
import type { SelectFunction } from '../../src/selection/select.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, tally } from './pictures.js';

/** How a server answers: log-normally around a mean, or with errors. */
export interface Answering {
  readonly meanMs: number;
  readonly fails: boolean;
}

interface Chance {
  readonly random: () => number;
  readonly now: () => number;
}

interface TrafficOptions {
  readonly seed: number;
  readonly servers: Readonly<Record<string, Answering>>;
  /** Default: `fastest`. */
  readonly strategy?: (chance: Chance) => SelectFunction;
}

/** Mean arrivals per millisecond: 1,500 requests a second. */
const RATE = 1.5;

/** Requests that arrive at random, whatever becomes of those before them; time is only counted. */
export function traffic({ seed, servers, strategy = fastest }: TrafficOptions): {
  /** Changes how a server answers from now on. */
  set(name: string, answering: Answering): void;
  /** Answers the share of each server over about so many milliseconds. */
  run(ms: number): Record<string, number>;
} {
  const clock = new ManualClock(seed);
  const random = (): number => clock.random();
  let now = 0;
  const databases = candidates(Object.fromEntries(Object.keys(servers).map((name) => [name, {}])));
  const answering = new Map(Object.entries(servers));
  const select = strategy({ random, now: () => now });
  let ends: { readonly at: number; readonly end: () => void }[] = [];
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  const arrive = (database: Database): void => {
    const { meanMs, fails } = answering.get(database.name) ?? { meanMs: 1, fails: false };
    const elapsedMs = meanMs * Math.exp(0.5 * normal());
    const at = now + elapsedMs;
    database.load.started();
    ends.push({ at, end: () => database.load.finished(at, elapsedMs, fails) });
  };

  const settle = (until: number): void => {
    const due = ends.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
    ends = ends.filter(({ at }) => at > until);
    for (const { at, end } of due) {
      now = at;
      end();
    }
    now = until;
  };

  return {
    set: (name, next) => void answering.set(name, next),
    run(ms) {
      const total = ms * RATE;
      const counts = tally(total, () => {
        settle(now - Math.log(1 - random()) / RATE);
        const database = select(databases);
        arrive(database);
        return database;
      });
      return Object.fromEntries(databases.map(({ name }) => [name, (counts[name] ?? 0) / total]));
    },
  };
}
