import { describe, expect, it } from '@jest/globals';
import type { MonitorOptions, Probe } from '../../src/health/monitor.js';
import type { Reading } from '../../src/health/verdict.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { Monitor } from '../../src/health/monitor.js';
import { turns } from '../support/turns.js';
import { alive, LIMITS, silent } from '../support/watching.js';

const INTERVAL_MS = 1_000;
const PATIENCE_MS = 250;
/** What an answer that has arrived already is given to be read. */
const READ_MS = 20;

/** A clock whose process can stand still: what was due meanwhile is late. */
class StallingClock extends ManualClock {
  #stalledMs = 0;

  override now(): number {
    return super.now() + this.#stalledMs;
  }

  override random(): number {
    return 0.5;
  }

  stall(ms: number): void {
    this.#stalledMs += ms;
  }
}

interface Check {
  readonly database: string;
  readonly at: number;
  readonly signal: AbortSignal;
  settle(reading: Reading): void;
}

interface Watching {
  readonly clock: StallingClock;
  readonly monitor: Monitor;
  /** In order; each is unanswered until a test settles it, or it is given up. */
  readonly checks: Check[];
  /** The health of `replica` after each change, and when. */
  readonly changes: [string, number][];
}

/** A started monitor whose checks hang. */
function hanging(options: Partial<MonitorOptions> = {}): Watching {
  const clock = new StallingClock();
  const checks: Check[] = [];
  const changes: [string, number][] = [];
  const probe: Probe = (database, signal) =>
    new Promise((resolve) => {
      checks.push({ database, at: clock.now(), signal, settle: resolve });
      signal.addEventListener('abort', () => resolve(silent));
    });
  const monitor = new Monitor(['replica'], {
    clock,
    probe,
    intervalMs: INTERVAL_MS,
    patienceMs: () => PATIENCE_MS,
    limits: LIMITS,
    onVerdict: (_, { health }, before) => {
      if (health !== before.health) changes.push([health, clock.now()]);
    },
    ...options,
  });
  monitor.start();
  return { clock, monitor, checks, changes };
}

describe('a check that is not answered in time', () => {
  it('counts as silence, and as down when it is not answered for twice as long', async () => {
    const { clock, changes, checks } = hanging();
    await clock.advance(INTERVAL_MS + 3 * PATIENCE_MS);
    expect(changes.map(([health]) => health)).toEqual(['suspect', 'down']);
    const waited = changes.map(([, at]) => at - INTERVAL_MS);
    expect(waited[0]).toBeLessThanOrEqual(PATIENCE_MS + READ_MS);
    expect(waited[1]).toBeLessThanOrEqual(2 * (PATIENCE_MS + READ_MS));
    expect(checks).toHaveLength(1);
  });

  it('is given up after four times its patience, and begun anew', async () => {
    const { clock, checks } = hanging();
    await clock.advance(INTERVAL_MS + 4 * PATIENCE_MS - 1);
    expect(checks.map(({ signal }) => signal.aborted)).toEqual([false]);
    await clock.advance(4 * READ_MS + 1);
    expect(checks[0]?.signal.aborted).toBe(true);
    await clock.advance(INTERVAL_MS);
    expect(checks.length).toBeGreaterThan(1);
    expect(checks[1]?.signal.aborted).toBe(false);
  });

  it('says nothing by its end when it was given up', async () => {
    const { clock, changes, checks } = hanging({ probe: undefined });
    expect(checks).toEqual([]);
    const given = hanging();
    await given.clock.advance(INTERVAL_MS + 4 * (PATIENCE_MS + READ_MS));
    const before = given.changes.length;
    given.checks[0]?.settle(alive);
    await turns();
    expect(given.changes).toHaveLength(before);
    await clock.advance(0);
    expect(changes).toEqual([]);
  });

  it('is answered after all: it is up again', async () => {
    const { clock, changes, checks } = hanging();
    await clock.advance(INTERVAL_MS + PATIENCE_MS + READ_MS);
    checks[0]?.settle(alive);
    await turns();
    expect(changes.map(([health]) => health)).toEqual(['suspect', 'up']);
    await clock.advance(PATIENCE_MS + READ_MS);
    expect(changes).toHaveLength(2);
  });

  it('has as much patience as its database is worth at that moment', async () => {
    const { clock, changes } = hanging({ patienceMs: () => 4 * PATIENCE_MS });
    await clock.advance(INTERVAL_MS + 4 * PATIENCE_MS - 1);
    expect(changes).toEqual([]);
    await clock.advance(1 + READ_MS);
    expect(changes.map(([health]) => health)).toEqual(['suspect']);
  });
});

describe('a process that stood still', () => {
  it.each([100, 1_000, 3_600_000])('for %i ms condemns nobody: its timer fired late', async (ms) => {
    const { clock, changes, checks } = hanging();
    await clock.advance(INTERVAL_MS);
    clock.stall(ms);
    await clock.advance(PATIENCE_MS);
    clock.stall(ms);
    await clock.advance(READ_MS);
    checks[0]?.settle(alive);
    await turns();
    expect(changes).toEqual([]);
  });

  it('reads what has arrived before it judges, though its timer fired in time', async () => {
    const { clock, changes, checks } = hanging();
    await clock.advance(INTERVAL_MS + PATIENCE_MS);
    expect(changes).toEqual([]);
    checks[0]?.settle(alive);
    await turns();
    await clock.advance(PATIENCE_MS);
    expect(changes).toEqual([]);
  });

  it('finds a silent database after that', async () => {
    const { clock, changes } = hanging();
    await clock.advance(INTERVAL_MS);
    clock.stall(100);
    await clock.advance(4 * (PATIENCE_MS + READ_MS));
    expect(changes.map(([health]) => health)).toEqual(['suspect', 'down']);
  });
});

describe('look()', () => {
  it('checks at once, out of turn', () => {
    const { monitor, checks } = hanging();
    expect(monitor.look('replica')).toBe(true);
    expect(checks).toHaveLength(1);
  });

  it('needs no second check while one is under way', () => {
    const { monitor, checks } = hanging();
    expect([monitor.look('replica'), monitor.look('replica')]).toEqual([true, true]);
    expect(checks).toHaveLength(1);
  });

  it('does not look again too soon', async () => {
    const { clock, monitor, checks } = hanging();
    monitor.look('replica');
    checks[0]?.settle(alive);
    await turns();
    await clock.advance(899);
    expect(monitor.look('replica')).toBe(false);
    await clock.advance(1);
    expect(monitor.look('replica')).toBe(true);
    expect(checks).toHaveLength(2);
  });

  it('puts off the check that was due in turn', async () => {
    const { clock, monitor, checks } = hanging();
    await clock.advance(INTERVAL_MS - 1);
    monitor.look('replica');
    checks[0]?.settle(alive);
    await turns();
    await clock.advance(INTERVAL_MS - 1);
    expect(checks).toHaveLength(1);
    await clock.advance(1);
    expect(checks).toHaveLength(2);
  });

  it('looks at nobody unknown, nor without a probe, nor when it is stopped', () => {
    const { monitor, checks } = hanging();
    expect(monitor.look('nobody')).toBe(false);
    expect(hanging({ probe: undefined }).monitor.look('replica')).toBe(false);
    monitor.stop();
    expect(monitor.look('replica')).toBe(false);
    expect(checks).toEqual([]);
  });

  it('tells for how long it has waited', async () => {
    const { clock, monitor, checks } = hanging();
    expect(monitor.unansweredMs('replica')).toBeUndefined();
    monitor.look('replica');
    await clock.advance(70);
    expect(monitor.unansweredMs('replica')).toBe(70);
    checks[0]?.settle(alive);
    await turns();
    expect(monitor.unansweredMs('replica')).toBeUndefined();
  });
});

describe('checkAll()', () => {
  const settledBy = (promise: Promise<void>): { value: boolean } => {
    const settled = { value: false };
    void promise.then(() => (settled.value = true));
    return settled;
  };

  it('asks anew, although a check is under way', async () => {
    const { clock, monitor, checks } = hanging();
    await clock.advance(INTERVAL_MS);
    const all = settledBy(monitor.checkAll());
    expect(checks).toHaveLength(1);
    checks[0]?.settle(alive);
    await turns();
    expect(checks).toHaveLength(2);
    expect(all.value).toBe(false);
    checks[1]?.settle(alive);
    await turns();
    expect(all.value).toBe(true);
  });

  it('waits for nobody who shows no sign of life, and leaves no timer of its own', async () => {
    const { clock, monitor } = hanging();
    const all = settledBy(monitor.checkAll());
    await turns();
    await clock.advance(PATIENCE_MS - 1);
    expect(all.value).toBe(false);
    await clock.advance(1);
    expect(all.value).toBe(true);
    monitor.stop();
    expect(clock.pending).toBe(0);
  });

  it('settles when the monitor is stopped meanwhile', async () => {
    const { clock, monitor, checks } = hanging();
    const all = settledBy(monitor.checkAll());
    await turns();
    monitor.stop();
    await turns();
    expect(all.value).toBe(true);
    expect(checks).toHaveLength(1);
    expect(clock.pending).toBe(0);
    await monitor.checkAll();
    expect(checks).toHaveLength(1);
  });
});

describe('the databases of a monitor', () => {
  it('are checked from when they are added', async () => {
    const { clock, monitor, checks } = hanging();
    monitor.add('another');
    await clock.advance(INTERVAL_MS);
    expect(checks.map(({ database }) => database)).toEqual(['replica', 'another']);
  });

  it('are not checked before it is started', async () => {
    const { clock, monitor, checks } = hanging();
    monitor.stop();
    monitor.add('another');
    await clock.advance(10 * INTERVAL_MS);
    expect(checks).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('are given up when they are removed, whatever is under way', async () => {
    const { clock, monitor, checks, changes } = hanging();
    await clock.advance(INTERVAL_MS);
    monitor.remove('replica');
    expect(checks[0]?.signal.aborted).toBe(true);
    await clock.advance(10 * INTERVAL_MS);
    expect(checks).toHaveLength(1);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(monitor.verdict('replica').health).toBe('up');
  });

  it('are new ones when they are added again', async () => {
    const { monitor } = hanging();
    monitor.report('replica', { kind: 'refused', error: 'refused' });
    monitor.remove('replica');
    monitor.add('replica');
    expect(monitor.verdict('replica').health).toBe('up');
  });
});
