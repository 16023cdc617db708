import { describe, expect, it } from '@jest/globals';
import { random } from '../../src/selection/random.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, tally } from '../support/pictures.js';

describe('random()', () => {
  it('chooses each candidate about as often', () => {
    const clock = new ManualClock();
    const select = random({ random: () => clock.random() });
    const three = candidates({ a: {}, b: {}, c: {} });
    for (const count of Object.values(tally(3_000, () => select(three)))) {
      expect(Math.abs(count - 1_000)).toBeLessThan(100);
    }
  });

  it.each([
    [0, 'a'],
    [0.34, 'b'],
    [1 - Number.EPSILON, 'c'],
  ])('turns chance %p into %s', (chance, expected) => {
    expect(random({ random: () => chance })(candidates({ a: {}, b: {}, c: {} })).name).toBe(expected);
  });
});
