import { describe, expect, it } from '@jest/globals';
import { fastest } from '../../src/selection/fastest.js';
import { leastBusy } from '../../src/selection/least-busy.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, tally } from '../support/pictures.js';
import type { Answering } from '../support/traffic.js';
import { traffic } from '../support/traffic.js';

describe('fastest()', () => {
  it('takes the faster of two', () => {
    const [slow, fast] = candidates({ slow: {}, fast: {} });
    for (const [database, elapsedMs] of [
      [slow, 50],
      [fast, 5],
    ] as const) {
      database?.load.started();
      database?.load.finished(0, elapsedMs, false);
    }
    const select = fastest({ now: () => 0 });
    expect(tally(50, () => select([slow, fast!]))).toEqual({ fast: 50 });
  });

  it('takes a slower one that is idle before a faster one that is busy enough', () => {
    const [slow, fast] = candidates({ slow: {}, fast: {} });
    for (const [database, elapsedMs] of [
      [slow, 20],
      [fast, 5],
    ] as const) {
      database?.load.started();
      database?.load.finished(0, elapsedMs, false);
    }
    for (let statement = 0; statement < 4; statement += 1) fast?.load.started();
    const select = fastest({ now: () => 0 });
    expect(tally(50, () => select([slow, fast!]))).toEqual({ slow: 50 });
  });

  it('takes the less busy of two that were never measured', () => {
    const [a, b] = candidates({ a: {}, b: {} });
    a.load.started();
    const select = fastest({ now: () => 0 });
    expect(tally(50, () => select([a, b!]))).toEqual({ b: 50 });
  });

  it('chooses equally among equals', () => {
    const clock = new ManualClock();
    const select = fastest({ random: () => clock.random(), now: () => 0 });
    for (const count of Object.values(tally(3_000, () => select(candidates({ a: {}, b: {}, c: {} }))))) {
      expect(Math.abs(count - 1_000)).toBeLessThan(100);
    }
  });

  it('compares each two as often', () => {
    const three = candidates({ a: {}, b: {}, fast: {} });
    for (const { load } of three.slice(0, 2)) {
      load.started();
      load.finished(0, 1_000, false);
    }
    const clock = new ManualClock();
    const select = fastest({ random: () => clock.random(), now: () => 0 });
    expect(Math.abs((tally(3_000, () => select(three))['fast'] ?? 0) - 2_000)).toBeLessThan(100);
  });

  it('compares two different databases each time', () => {
    const three = candidates({ a: {}, b: {}, slow: {} });
    three[2]?.load.started();
    three[2]?.load.finished(0, 1_000, false);
    const clock = new ManualClock();
    const select = fastest({ random: () => clock.random(), now: () => 0 });
    expect(tally(1_000, () => select(three))).not.toHaveProperty('slow');
  });

  it.each([
    [{ a: 3, b: 1 }, { a: 20, b: 10 }, 'a'], // 20 / 3 < 10
    [{ a: 1.5, b: 1 }, { a: 20, b: 10 }, 'b'], // 20 / 1.5 > 10
    [{ a: 0, b: 1 }, { a: 1, b: 10 }, 'b'],
    [{ a: 1, b: 0 }, { a: 10, b: 1 }, 'a'],
    [{ a: 0, b: 0 }, { a: 10, b: 1 }, 'b'],
    [{ a: 2, b: 1 }, { a: 0, b: 0 }, 'a'],
  ])('of weights %p and answer times %p takes %s', (weights, answerMs, expected) => {
    const two = candidates({ a: { weight: weights.a }, b: { weight: weights.b } });
    for (const { name, load } of two) {
      load.started();
      load.finished(0, answerMs[name as 'a' | 'b'], false);
    }
    expect(tally(50, () => fastest({ now: () => 0 })(two))).toEqual({ [expected]: 50 });
  });

  it('draws uniformly, whatever the weights, among those that have one', () => {
    const clock = new ManualClock();
    const select = fastest({ random: () => clock.random(), now: () => 0 });
    // the two that are slow win only against each other
    const four = candidates({ none: { weight: 0 }, a: { weight: 9 }, b: { weight: 1 }, fast: { weight: 1 } });
    for (const { name, load } of four) {
      load.started();
      load.finished(0, name === 'fast' ? 1 : 1_000, false);
    }
    const counts = tally(3_000, () => select(four));
    expect(Object.keys(counts).toSorted()).toEqual(['a', 'fast']);
    expect(Math.abs((counts['fast'] ?? 0) - 2_000)).toBeLessThan(100);
  });
});

describe('under traffic, fastest()', () => {
  const healthy: Answering = { meanMs: 2, fails: false };

  it('gives a replica that is ten times slower almost nothing', () => {
    const shares = traffic({ seed: 5, servers: { a: healthy, b: healthy, slow: { meanMs: 20, fails: false } } }).run(
      5_000,
    );
    expect(shares['slow']).toBeLessThan(0.03);
    expect(shares['a']).toBeGreaterThan(0.4);
  });

  it('gives a replica its share again within 5 s of its recovery', () => {
    const load = traffic({ seed: 5, servers: { a: healthy, b: healthy, slow: { meanMs: 20, fails: false } } });
    load.run(5_000);
    load.set('slow', healthy);
    load.run(1_000);
    expect(load.run(4_000)['slow']).toBeGreaterThan(0.2);
  });

  it('is not drawn to a replica that fails fast', () => {
    const servers = { a: healthy, b: healthy, broken: { meanMs: 0.2, fails: true } };
    expect(traffic({ seed: 5, servers }).run(5_000)['broken']).toBeLessThan(0.02);
  });

  it('is better than leastBusy() there, to which a replica that fails fast is a black hole', () => {
    const servers = { a: healthy, b: healthy, broken: { meanMs: 0.2, fails: true } };
    expect(
      traffic({ seed: 5, servers, strategy: ({ random }) => leastBusy({ random }) }).run(5_000)['broken'],
    ).toBeGreaterThan(0.4);
  });
});
