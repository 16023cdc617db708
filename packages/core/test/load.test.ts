import { describe, expect, it } from '@jest/globals';
import { Load } from '../src/load.js';

/** A load that has measured one answer at time 0. */
function measured(elapsedMs: number, failed = false): Load {
  const load = new Load();
  load.started();
  load.finished(0, elapsedMs, failed);
  return load;
}

describe('Load', () => {
  it('counts what is in flight', () => {
    const load = new Load();
    load.started();
    load.started();
    expect(load.inFlight).toBe(2);
    load.finished(0, 1, false);
    expect(load.inFlight).toBe(1);
    load.finished(0, 1, true);
    expect(load.inFlight).toBe(0);
  });

  it('costs nothing until an answer was measured', () => {
    expect(new Load().costMs(0)).toBe(0);
    expect(new Load().costMs(10_000)).toBe(0);
  });

  it('counts a slower answer at once', () => {
    const load = measured(2);
    load.finished(10, 80, false);
    expect(load.costMs(10)).toBe(80);
  });

  it('lets a faster answer in by and by', () => {
    const load = measured(100);
    load.finished(100, 2, false);
    const soon = load.costMs(100);
    expect(soon).toBeGreaterThan(80);
    expect(soon).toBeLessThan(100);
    load.finished(10_000, 2, false);
    expect(load.costMs(10_000)).toBeCloseTo(2, 1);
  });

  it.each([
    [0, 100],
    [1_000, 100 / Math.E],
    [3_000, 100 / Math.E ** 3],
  ])('forgets within a second: after %i ms a cost of 100 ms is %d', (at, expected) => {
    expect(measured(100).costMs(at)).toBeCloseTo(expected);
  });

  it('keeps what it knows when how long something took says nothing', () => {
    const load = measured(5);
    load.started();
    load.finished(0, undefined, false);
    expect([load.inFlight, load.costMs(0)]).toEqual([0, 5]);
    load.started();
    load.finished(0, undefined, true);
    expect(load.costMs(0)).toBe(100);
  });

  it('costs as much as a check at least, and a quick check makes nothing cheaper', () => {
    const load = measured(100);
    load.checked(3_000, 40);
    expect(load.costMs(3_000)).toBe(40);
    load.checked(3_000, 2);
    expect(load.costMs(3_000)).toBe(40);
    expect(load.inFlight).toBe(0);
  });

  it('counts a failure as an answer of 100 ms, or as long as it took', () => {
    expect(measured(0.2, true).costMs(0)).toBe(100);
    expect(measured(400, true).costMs(0)).toBe(400);
  });
});
