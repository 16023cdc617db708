import { describe, expect, it } from '@jest/globals';
import type { Probe } from '../../src/health/monitor.js';
import { Monitor } from '../../src/health/monitor.js';
import type { Reading } from '../../src/health/verdict.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { LIMITS, alive, silent, watching } from '../support/watching.js';

describe('a check that hangs', () => {
  it('is awaited, not repeated', async () => {
    const watched = watching();
    watched.answer = new Promise(() => {});
    await watched.clock.advance(60_000);
    expect(watched.checks).toHaveLength(1);
  });

  it('is not repeated either when statements report failures meanwhile', async () => {
    const watched = watching();
    watched.answer = new Promise(() => {});
    await watched.clock.advance(1_000);
    for (let report = 0; report < 5; report += 1) {
      watched.monitor.report('replica', silent);
      await watched.clock.advance(20_000);
    }
    expect(watched.checks).toHaveLength(1);
  });

  it('is followed by others once it is over', async () => {
    const watched = watching();
    let settle = (_: Reading): void => {};
    watched.answer = new Promise((resolve) => {
      settle = resolve;
    });
    await watched.clock.advance(30_000);
    watched.answer = alive;
    settle(silent);
    await watched.clock.advance(0);
    await watched.clock.advance(250);
    expect(watched.changes).toEqual([
      ['replica', 'up', 'suspect'],
      ['replica', 'suspect', 'up'],
    ]);
  });

  it('holds up no check of another database', async () => {
    const clock = new ManualClock();
    const checks: string[] = [];
    const probe: Probe = (name) => {
      checks.push(name);
      return name === 'frozen' ? new Promise<Reading>(() => {}) : Promise.resolve(alive);
    };
    new Monitor(['frozen', 'b'], {
      clock,
      probe,
      intervalMs: 1_000,
      patienceMs: () => Infinity,
      limits: LIMITS,
      onVerdict: () => {},
    }).start();
    await clock.advance(10_000);
    expect(checks.filter((name) => name === 'b').length).toBeGreaterThan(6);
  });
});
