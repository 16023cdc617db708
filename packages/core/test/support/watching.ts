import type { MonitorOptions, Probe } from '../../src/health/monitor.js';
import { Monitor } from '../../src/health/monitor.js';
import type { Limits, Reading, Verdict } from '../../src/health/verdict.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

export const alive: Reading = { kind: 'alive' };
export const refused: Reading = { kind: 'refused', error: 'connect ECONNREFUSED' };
export const silent: Reading = { kind: 'silent', error: 'no answer' };

/** Without a slow start, so that a database that answers is up by its second answer. */
export const LIMITS: Limits = { failures: 2, maxLagMs: 10_000, slowStartMs: 0 };

export interface Watched {
  readonly monitor: Monitor;
  readonly clock: ManualClock;
  /** The times of the checks. */
  readonly checks: number[];
  readonly changes: [string, string, string][];
  /** What the next checks read. */
  answer: Reading | Promise<Reading>;
}

/** A started monitor of one database, with chance that adds nothing unless told otherwise. */
export function watching({
  random = () => 0.5,
  ...options
}: Partial<MonitorOptions> & { readonly random?: () => number } = {}): Watched {
  const clock = new ManualClock();
  clock.random = random;
  const changes: [string, string, string][] = [];
  const checks: number[] = [];
  const probe: Probe = () => {
    checks.push(clock.now());
    return Promise.resolve(watched.answer);
  };
  const onVerdict = (name: string, verdict: Verdict, before: Verdict): void => {
    if (verdict.health !== before.health) changes.push([name, before.health, verdict.health]);
  };
  const monitor = new Monitor(['replica'], {
    clock,
    probe,
    intervalMs: 1_000,
    patienceMs: () => Infinity,
    limits: LIMITS,
    onVerdict,
    ...options,
  });
  const watched: Watched = { monitor, clock, checks, changes, answer: alive };
  monitor.start();
  return watched;
}
