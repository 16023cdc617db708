import type { Cluster as Servers } from '@sluice/testbed';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arguments } from './arguments.js';
import type { Figures, OfSides, PhaseFigures } from './figures.js';
import { load } from './load.js';
import type { UntilSeen } from './phases.js';
import { PHASES } from './phases.js';
import type { Progress } from './progress.js';
import { schedule } from './schedule.js';
import type { Shops } from './shop.js';
import { SIDES } from './shop.js';
import { noCounts, sum } from './tally.js';
import { Visitor } from './visitor.js';

export interface StoryOptions {
  readonly arguments: Arguments;
  readonly servers: Servers;
  readonly shops: Shops;
  readonly progress: Progress;
  readonly stop: AbortSignal;
}

/** At the lowest rate that is allowed, a write comes every few seconds. */
const SEEN_WITHIN_MS = 60_000;

/** Puts the same load on both shops while the servers go through all phases. */
export async function story({ arguments: given, servers, shops, progress, stop }: StoryOptions): Promise<Figures> {
  const ports = Object.fromEntries(servers.servers.map(({ name, port }) => [name, port]));
  const names = new Map(servers.servers.map(({ name, port }) => [port, name]));
  const phases: PhaseFigures[] = [];
  let now = newCounts();
  const visitors = SIDES.map(
    (side) =>
      new Visitor({
        shop: shops[side],
        counts: () => now[side],
        nameOf: (port) => names.get(port) ?? `port ${port}`,
      }),
  );
  const untilSeen: UntilSeen = async (seen) => {
    const deadline = performance.now() + SEEN_WITHIN_MS;
    while (!SIDES.every((side) => seen(now[side]))) {
      if (performance.now() > deadline)
        throw new Error(`no request saw within ${SEEN_WITHIN_MS} ms what it should see`);
      await sleep(10, undefined, { signal: stop });
    }
  };
  const over = new AbortController();
  const loaded = load(schedule(given), visitors, AbortSignal.any([stop, over.signal]));
  const telling = setInterval(() => progress.detail(brief(now)), 200);
  try {
    for (const { name, title, begin } of PHASES) {
      now = newCounts();
      const phase: PhaseFigures = { name, title, ms: 0, counts: now };
      phases.push(phase);
      progress.step(title);
      const startedAt = performance.now();
      await begin(servers, untilSeen);
      await sleep(given.secondsPerPhase * 1_000, undefined, { signal: stop });
      phase.ms = performance.now() - startedAt;
      progress.detail(brief(now));
    }
  } finally {
    clearInterval(telling);
    over.abort();
    await loaded;
  }
  const total = (side: (typeof SIDES)[number]) => sum(phases.map(({ counts }) => counts[side]));
  return {
    arguments: given,
    servers: ports,
    phases,
    total: { stock: total('stock'), sluice: total('sluice') },
  };
}

function newCounts(): OfSides {
  return { stock: noCounts(), sluice: noCounts() };
}

function brief({ stock, sluice }: OfSides): string {
  return `failed reads ${stock.failedReads} : ${sluice.failedReads}, stale ${stock.staleReads} : ${sluice.staleReads} (stock : Sluice)`;
}
