import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival } from './schedule.js';
import type { Visitor } from './visitor.js';

/**
 * Lets every arrival visit all shops at its time, whether those before it have been answered or not (an open loop: a
 * slow answer holds nobody else up, and hides nobody's wait). Resolves when it was stopped and all are answered.
 */
export async function load(
  arrivals: Iterable<Arrival>,
  visitors: readonly Visitor[],
  stop: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const visits = new Set<Promise<void>>();
  let inTurn = visitors;
  for (const arrival of arrivals) {
    const waitMs = startedAt + arrival.atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) break;
    // none of them is always the first
    inTurn = inTurn.toReversed();
    for (const visitor of inTurn) {
      const visit: Promise<void> = visitor.visit(arrival).finally(() => visits.delete(visit));
      visits.add(visit);
    }
  }
  await Promise.all(visits);
}
