import { describe, expect, it } from '@jest/globals';
import type { Reading } from '../../src/health/verdict.js';
import { alive, refused, watching } from '../support/watching.js';

describe('a monitor that was stopped', () => {
  it('leaves no timer and checks nothing', async () => {
    const { monitor, clock, checks } = watching();
    expect(clock.pending).toBe(1);
    monitor.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(checks).toEqual([]);
  });

  it('aborts a check that is under way and does not hear its end', async () => {
    let signal: AbortSignal | undefined;
    let settle = (_: Reading): void => {};
    const { monitor, clock, changes } = watching({
      probe: (_name, given) => {
        signal = given;
        return new Promise((resolve) => {
          settle = resolve;
        });
      },
    });
    await clock.advance(1_000);
    monitor.stop();
    expect(signal?.aborted).toBe(true);
    settle(refused);
    await clock.advance(0);
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('starts no timer for what statements report', () => {
    const { monitor, clock, changes } = watching();
    monitor.stop();
    monitor.report('replica', refused);
    expect([changes, clock.pending]).toEqual([[], 0]);
  });

  it('checks again once it is started again', async () => {
    const { monitor, clock, checks } = watching();
    monitor.stop();
    monitor.start();
    await clock.advance(1_000);
    expect(checks).toEqual([1_000]);
  });

  it('goes on from the verdict it had', async () => {
    const watched = watching();
    watched.monitor.report('replica', refused);
    watched.monitor.stop();
    watched.monitor.start();
    expect(watched.monitor.verdict('replica').health).toBe('down');
    await watched.clock.advance(250);
    expect(watched.monitor.verdict('replica').health).toBe('up');
  });

  it('checks again also where the check under way at its stop ends late', async () => {
    const watched = watching();
    let settle = (_: Reading): void => {};
    watched.answer = new Promise((resolve) => {
      settle = resolve;
    });
    await watched.clock.advance(1_000);
    watched.monitor.stop();
    watched.monitor.start();
    await watched.clock.advance(5_000);
    watched.answer = alive;
    settle(alive);
    await watched.clock.advance(0);
    await watched.clock.advance(5_000);
    expect(watched.checks.length).toBeGreaterThan(1);
  });
});
