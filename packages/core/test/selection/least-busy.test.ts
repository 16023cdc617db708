import { describe, expect, it } from '@jest/globals';
import { leastBusy } from '../../src/selection/least-busy.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, tally } from '../support/pictures.js';

function busy(a: number, b: number, c: number): ReturnType<typeof candidates> {
  const three = candidates({ a: {}, b: {}, c: {} });
  for (const [index, inFlight] of [a, b, c].entries()) {
    for (let statement = 0; statement < inFlight; statement += 1) three[index]?.load.started();
  }
  return three;
}

describe('leastBusy()', () => {
  it.each([
    [0, 1, 2, 'a'],
    [3, 1, 2, 'b'],
    [3, 2, 0, 'c'],
    [5, 5, 4, 'c'],
  ])('of %i, %i and %i statements in flight: %s', (a, b, c, expected) => {
    expect(tally(20, () => leastBusy()(busy(a, b, c)))).toEqual({ [expected]: 20 });
  });

  it.each([
    [{ a: 2, b: 1 }, { a: 2, b: 1 }, 'a'], // 3 / 2 < 2 / 1
    [{ a: 2, b: 1 }, { a: 4, b: 1 }, 'b'], // 5 / 2 > 2 / 1
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, 'b'], // 2 / 1 > 3 / 2
    [{ a: 0.5, b: 1 }, { a: 0, b: 0 }, 'b'],
    [{ a: 0, b: 1 }, { a: 0, b: 50 }, 'b'],
    [{ a: 1, b: 0 }, { a: 50, b: 0 }, 'a'],
    [{ a: 0, b: 0 }, { a: 2, b: 1 }, 'b'],
  ])('of weights %p with %p in flight: %s', (weights, inFlight, expected) => {
    const two = candidates({ a: { weight: weights.a }, b: { weight: weights.b } });
    for (const { name, load } of two) {
      for (let left = inFlight[name as 'a' | 'b']; left > 0; left -= 1) load.started();
    }
    expect(tally(20, () => leastBusy()(two))).toEqual({ [expected]: 20 });
  });

  it('chooses equally among those that are as busy for their weights', () => {
    const clock = new ManualClock();
    const select = leastBusy({ random: () => clock.random() });
    const two = candidates({ a: { weight: 2 }, b: { weight: 1 } });
    two[0].load.started();
    expect(Math.abs((tally(1_000, () => select(two))['a'] ?? 0) - 500)).toBeLessThan(60);
  });

  it.each([
    [0, 0, 0, ['a', 'b', 'c']],
    [2, 1, 1, ['b', 'c']],
    [1, 2, 1, ['a', 'c']],
  ])('of %i, %i and %i chooses equally among the least busy', (a, b, c, equals) => {
    const clock = new ManualClock();
    const select = leastBusy({ random: () => clock.random() });
    const databases = busy(a, b, c);
    const counts = tally(3_000, () => select(databases));
    expect(Object.keys(counts).toSorted()).toEqual(equals);
    for (const count of Object.values(counts)) expect(Math.abs(count - 3_000 / equals.length)).toBeLessThan(120);
  });
});
