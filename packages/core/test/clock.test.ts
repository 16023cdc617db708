import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../src/clock.js';
import { ManualClock } from '../src/testing/manual-clock.js';
import { turns } from './support/turns.js';

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('the system clock', () => {
  it('does not go back', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('knows the time of day', () => {
    expect(Math.abs(systemClock.epoch() - Date.now())).toBeLessThan(1_000);
  });

  it('gives chance in [0, 1)', () => {
    for (let draw = 0; draw < 100; draw += 1) {
      const chance = systemClock.random();
      expect(chance >= 0 && chance < 1).toBe(true);
    }
  });

  it('calls back', async () => {
    const called = new Promise<string>((resolve) => {
      systemClock.after(0, () => resolve('called'));
    });
    expect(await called).toBe('called');
  });

  it('keeps no process alive', () => {
    const before = timers();
    const cancel = systemClock.after(60_000, () => {});
    expect(timers()).toBe(before);
    cancel();
  });

  it('does not call back once it was cancelled', async () => {
    let called = false;
    const cancel = systemClock.after(0, () => {
      called = true;
    });
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(1, resolve);
    });
    expect(called).toBe(false);
  });
});

describe('a manual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock();
    const [now, epoch] = [clock.now(), clock.epoch()];
    await turns(3);
    expect([clock.now(), clock.epoch()]).toEqual([now, epoch]);
    await clock.advance(1_500);
    expect([clock.now() - now, clock.epoch() - epoch]).toEqual([1_500, 1_500]);
  });

  it('fires what falls due, in the order of its times, each at its time', async () => {
    const clock = new ManualClock();
    const fired: [string, number][] = [];
    clock.after(30, () => fired.push(['c', clock.now()]));
    clock.after(10, () => fired.push(['a', clock.now()]));
    clock.after(20, () => fired.push(['b', clock.now()]));
    clock.after(31, () => fired.push(['too late', clock.now()]));
    await clock.advance(30);
    expect(fired).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('fires what a callback, or what a callback awaited, has set meanwhile', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    clock.after(10, () => {
      void Promise.resolve().then(() => clock.after(10, () => fired.push(clock.now())));
    });
    await clock.advance(20);
    expect(fired).toEqual([20]);
  });

  it('does not fire what was cancelled', async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const cancel = clock.after(10, () => fired.push('x'));
    cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(fired).toEqual([]);
  });

  it('repeats its chance for the same seed, and not for another', () => {
    const draws = (seed: number): number[] => {
      const clock = new ManualClock(seed);
      return Array.from({ length: 5 }, () => clock.random());
    };
    expect(draws(4)).toEqual(draws(4));
    expect(draws(4)).not.toEqual(draws(5));
    expect(draws(4).every((chance) => chance >= 0 && chance < 1)).toBe(true);
  });
});
