import { describe, expect, it } from '@jest/globals';
import { random } from '../../src/selection/random.js';
import { weighted } from '../../src/selection/weighted.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, tally } from '../support/pictures.js';

describe.each([
  ['weighted()', weighted],
  ['random()', random],
])('%s', (_name, strategy) => {
  function seeded(): ReturnType<typeof strategy> {
    const clock = new ManualClock(3);
    return strategy({ random: () => clock.random() });
  }

  it('chooses in proportion to the weights', () => {
    const select = seeded();
    const two = candidates({ a: { weight: 8 }, b: { weight: 2 } });
    const { a = 0 } = tally(10_000, () => select(two));
    expect(a / 10_000).toBeCloseTo(0.8, 1);
    expect(Math.abs(a - 8_000)).toBeLessThan(150);
  });

  it('takes fractions', () => {
    const select = seeded();
    const { b = 0 } = tally(10_000, () => select(candidates({ a: { weight: 0.5 }, b: { weight: 1.5 } })));
    expect(Math.abs(b - 7_500)).toBeLessThan(150);
  });

  it('chooses equally without weights', () => {
    const select = seeded();
    for (const count of Object.values(tally(3_000, () => select(candidates({ a: {}, b: {}, c: {} }))))) {
      expect(Math.abs(count - 1_000)).toBeLessThan(100);
    }
  });

  it('chooses equally where every weight is 0', () => {
    const select = seeded();
    const none = candidates({ a: { weight: 0 }, b: { weight: 0 } });
    expect(Math.abs((tally(1_000, () => select(none))['a'] ?? 0) - 500)).toBeLessThan(60);
  });

  it('never chooses weight 0 beside others, not even where floating point rounds up to the whole', () => {
    const chances = [0, 0.5, 1 - 2 ** -53];
    for (const chance of chances) {
      const select = strategy({ random: () => chance });
      const four = candidates({ none: { weight: 0 }, a: { weight: 0.1 }, b: { weight: 0.2 }, c: { weight: 0.3 } });
      expect(select(four).name).not.toBe('none');
    }
    const select = seeded();
    expect(tally(2_000, () => select(candidates({ a: {}, none: { weight: 0 } })))).toEqual({ a: 2_000 });
  });
});
