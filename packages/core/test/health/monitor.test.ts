import { describe, expect, it } from '@jest/globals';
import type { Probe } from '../../src/health/monitor.js';
import { Monitor } from '../../src/health/monitor.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { LIMITS, alive, refused, silent, watching } from '../support/watching.js';

describe('a monitor', () => {
  it('checks each database at its interval', async () => {
    const { clock, checks } = watching();
    await clock.advance(5_000);
    expect(checks).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it.each([
    [0, 750],
    [0.5, 1_000],
    [1 - Number.EPSILON, 1_250],
  ])('spreads its checks by chance: at %d it waits %i ms', async (random, ms) => {
    const { clock, checks } = watching({ random: () => random });
    await clock.advance(ms - 1);
    expect(checks).toEqual([]);
    await clock.advance(1);
    expect(checks).toHaveLength(1);
  });

  it('checks several databases apart from each other', async () => {
    const clock = new ManualClock(3);
    const at = new Map<string, number>();
    const probe: Probe = (name) => {
      if (!at.has(name)) at.set(name, clock.now());
      return Promise.resolve(alive);
    };
    new Monitor(['a', 'b', 'c'], {
      clock,
      probe,
      intervalMs: 1_000,
      patienceMs: () => Infinity,
      limits: LIMITS,
      onVerdict: () => {},
    }).start();
    await clock.advance(1_250);
    expect(new Set(at.values()).size).toBe(3);
  });

  it('tells of a change, and of nothing that stays', async () => {
    const watched = watching();
    await watched.clock.advance(3_000);
    expect(watched.changes).toEqual([]);
    watched.answer = silent;
    await watched.clock.advance(10_000);
    watched.answer = alive;
    await watched.clock.advance(10_000);
    expect(watched.changes).toEqual([
      ['replica', 'up', 'suspect'],
      ['replica', 'suspect', 'down'],
      ['replica', 'down', 'up'],
    ]);
  });

  it('takes a check that throws for no answer', async () => {
    const watched = watching({ probe: () => Promise.reject(new Error('a bug in a probe')) });
    await watched.clock.advance(10_000);
    expect(watched.monitor.verdict('replica')).toMatchObject({ health: 'down', reason: 'a bug in a probe' });
  });

  it('looks again soon after a failure, and less and less often while a database keeps going down', async () => {
    const watched = watching();
    const delays: number[] = [];
    for (let relapse = 0; relapse < 9; relapse += 1) {
      watched.answer = alive;
      while (watched.monitor.verdict('replica').health !== 'up') await watched.clock.advance(50);
      watched.monitor.report('replica', refused);
      const from = watched.clock.now();
      const before = watched.checks.length;
      while (watched.checks.length === before) await watched.clock.advance(50);
      delays.push(watched.clock.now() - from);
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  it('looks again soon after every outage of a database that had stayed up', async () => {
    const watched = watching();
    for (let outage = 0; outage < 20; outage += 1) {
      watched.monitor.report('replica', refused);
      const from = watched.clock.now();
      const before = watched.checks.length;
      while (watched.checks.length === before) await watched.clock.advance(50);
      expect(watched.clock.now() - from).toBe(250);
      expect(watched.monitor.verdict('replica').health).toBe('up');
      await watched.clock.advance(12_000);
    }
  });

  it('forgives nothing for a statement that was served while a database is down or suspect', () => {
    const { monitor } = watching();
    monitor.report('replica', silent);
    monitor.served('replica');
    expect(monitor.verdict('replica').health).toBe('suspect');
    monitor.report('replica', silent);
    monitor.served('replica');
    expect(monitor.verdict('replica').health).toBe('down');
  });

  it('hears of no database that it does not know', () => {
    const { monitor, changes } = watching();
    monitor.report('nobody', refused);
    monitor.served('nobody');
    expect(changes).toEqual([]);
    expect(monitor.verdict('nobody').health).toBe('up');
  });
});

describe('a monitor without a probe', () => {
  it('has no timer while all is well', () => {
    expect(watching({ probe: undefined }).clock.pending).toBe(0);
  });

  it('takes a database for up again after a while', async () => {
    const { monitor, clock, changes } = watching({ probe: undefined });
    monitor.report('replica', refused);
    await clock.advance(249);
    expect(monitor.verdict('replica').health).toBe('down');
    await clock.advance(1);
    expect(changes).toEqual([
      ['replica', 'up', 'down'],
      ['replica', 'down', 'up'],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('waits longer each time that it was mistaken', async () => {
    const { monitor, clock } = watching({ probe: undefined });
    monitor.report('replica', refused);
    await clock.advance(250);
    monitor.report('replica', refused);
    await clock.advance(499);
    expect(monitor.verdict('replica').health).toBe('down');
    await clock.advance(1);
    expect(monitor.verdict('replica').health).toBe('up');
  });
});
