import { describe, expect, it } from '@jest/globals';
import type { Position } from '../../src/health/position.js';
import { PrimaryTimeline } from '../../src/health/timeline.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const at = (bytes: number): Position => new Map([['wal', bytes]]);

/** A primary that was seen at these positions, at these times. */
function seen(...samples: readonly (readonly [number, number])[]): PrimaryTimeline {
  const timeline = new PrimaryTimeline();
  for (const [bytes, ms] of samples) timeline.add(at(bytes), ms);
  return timeline;
}

describe('the lag of a replica', () => {
  it('is not known before the primary was seen', () => {
    expect(new PrimaryTimeline().lagMs(at(5), 1_000)).toBeUndefined();
  });

  it('is nothing on an idle primary, however long it rests', () => {
    const timeline = seen([10, 0], [10, 1_000], [10, 3_600_000]);
    expect(timeline.lagMs(at(10), 7_200_000)).toBe(0);
  });

  it('grows on an idle primary while the replica stands still, too', () => {
    const timeline = seen([10, 0], [20, 1_000], [20, 2_000], [20, 9_000]);
    expect([2_000, 5_000, 9_000].map((ms) => timeline.lagMs(at(10), ms))).toEqual([1_000, 4_000, 8_000]);
  });

  it('is the time since the primary was first seen beyond the replica', () => {
    const timeline = seen([10, 0], [20, 1_000], [30, 2_000], [40, 3_000]);
    expect([5, 10, 15, 20, 29, 30, 39, 40, 99].map((bytes) => timeline.lagMs(at(bytes), 3_500))).toEqual([
      3_500, 2_500, 2_500, 1_500, 1_500, 500, 500, 0, 0,
    ]);
  });

  it('is nothing for a replica that was asked after the primary, and is ahead of what was seen', () => {
    expect(seen([10, 0], [20, 1_000]).lagMs(at(25), 1_001)).toBe(0);
  });

  it('is not below nothing for a replica that was asked before the primary', () => {
    expect(seen([10, 0], [20, 1_000]).lagMs(at(10), 990)).toBe(0);
  });

  it('is that of the source that is furthest behind', () => {
    const timeline = new PrimaryTimeline();
    const position = (zero: number, one: number): Position =>
      new Map([
        ['0', zero],
        ['1', one],
      ]);
    timeline.add(position(1, 1), 0);
    timeline.add(position(2, 1), 1_000);
    timeline.add(position(2, 2), 2_000);
    expect(timeline.lagMs(position(2, 1), 3_000)).toBe(1_000);
    expect(timeline.lagMs(position(1, 2), 3_000)).toBe(2_000);
  });

  it.each([0, 40, 350, 1_000, 5_000])(
    'is off by one check at the most, for a replica that is %i ms behind a primary under load',
    (delayMs) => {
      const INTERVAL = 350;
      const clock = new ManualClock(delayMs + 1);
      const timeline = new PrimaryTimeline();
      // the primary writes a byte each millisecond
      let nextPrimary = 0;
      let nextReplica = INTERVAL / 2;
      let worst = 0;
      for (let now = 0; now < 60_000; now += 1) {
        if (now >= nextPrimary) {
          timeline.add(at(now), now);
          nextPrimary = now + INTERVAL * (0.75 + clock.random() / 2);
        }
        if (now < nextReplica) continue;
        nextReplica = now + INTERVAL * (0.75 + clock.random() / 2);
        const lagMs = timeline.lagMs(at(Math.max(0, now - delayMs)), now);
        if (now > 2 * delayMs + INTERVAL) worst = Math.max(worst, Math.abs((lagMs ?? Infinity) - delayMs));
      }
      expect(worst).toBeLessThanOrEqual(1.25 * INTERVAL);
    },
  );

  it('is not known any more once another database is the primary', () => {
    const timeline = seen([10, 0]);
    timeline.clear();
    expect(timeline.lagMs(at(5), 1_000)).toBeUndefined();
    expect(timeline.position).toBeUndefined();
  });
});

describe('what is kept of a primary', () => {
  it('is its last position', () => {
    expect(seen([10, 0], [20, 1_000]).position).toEqual(at(20));
  });

  it('is nothing new of a primary that rests, nor of an answer that came late', () => {
    const timeline = seen([10, 0], [20, 1_000], [15, 1_100]);
    expect(timeline.position).toEqual(at(20));
    expect(timeline.lagMs(at(15), 1_500)).toBe(500);
  });

  it('is bounded, so that a replica far behind is as far behind as the oldest sample', () => {
    const timeline = new PrimaryTimeline();
    for (let sample = 0; sample < 100_000; sample += 1) timeline.add(at(sample + 1), sample);
    const lagMs = timeline.lagMs(at(1), 100_000) ?? Infinity;
    expect(lagMs).toBeGreaterThanOrEqual(1_024);
    expect(lagMs).toBeLessThanOrEqual(2 * 1_024 + 1);
    expect(timeline.lagMs(at(99_999), 100_000)).toBe(1);
  });
});
