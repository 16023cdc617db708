import { describe, expect, it } from '@jest/globals';
import { roundRobin } from '../../src/selection/round-robin.js';
import { choose } from '../../src/selection/select.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { candidates, pictureOf, tally } from '../support/pictures.js';

const three = candidates({ a: {}, b: {}, c: {} });

describe('roundRobin()', () => {
  it('goes through the candidates in order, over and over', () => {
    const select = roundRobin({ random: () => 0 });
    expect(Array.from({ length: 7 }, () => select(three).name).join('')).toBe('bcabcab');
  });

  it('gives each its share to within one', () => {
    const select = roundRobin();
    for (const count of Object.values(tally(301, () => select(three)))) expect([100, 101]).toContain(count);
  });

  it('starts at random', () => {
    const clock = new ManualClock();
    const starts = tally(300, () => roundRobin({ random: () => clock.random() })(three));
    for (const count of Object.values(starts)) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  it('goes on in order when a candidate has dropped out', () => {
    const select = roundRobin({ random: () => 0 });
    select(three);
    const two = candidates({ a: {}, b: {} });
    expect(tally(10, () => select(two))).toEqual({ a: 5, b: 5 });
  });

  it.each([
    [{ a: 4, b: 1 }, 'aabaa'],
    [{ a: 5, b: 1, c: 1 }, 'aabacaa'],
    [{ a: 1, b: 0.5 }, 'aba'],
  ])('gives %p turns in proportion, evenly spread: %s', (weights, turns) => {
    const weighty = candidates(Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, { weight }])));
    const select = roundRobin({ random: () => 0 });
    const drawn = Array.from({ length: 3 * turns.length }, () => select(weighty).name).join('');
    expect(drawn).toBe(turns.repeat(3));
  });

  it('gives each its share of the weights, to within one', () => {
    const select = roundRobin();
    const weighty = candidates({ a: { weight: 3 }, b: { weight: 1 }, c: { weight: 1 } });
    const { a = 0, b = 0, c = 0 } = tally(5_000, () => select(weighty));
    for (const over of [a - 3_000, b - 1_000, c - 1_000]) expect(Math.abs(over)).toBeLessThanOrEqual(1);
  });

  it('starts at random among weights too', () => {
    const clock = new ManualClock();
    const weighty = candidates({ a: { weight: 4 }, b: { weight: 1 } });
    const starts = tally(500, () => roundRobin({ random: () => clock.random() })(weighty));
    expect(Math.abs((starts['b'] ?? 0) - 100)).toBeLessThan(40);
  });

  it.each([
    { a: 1, b: 1, none: 0 },
    { a: 2, b: 1, none: 0 },
  ])('never gives weight 0 a turn beside others: %p', (given) => {
    const select = roundRobin();
    const weighty = candidates(Object.fromEntries(Object.entries(given).map(([name, weight]) => [name, { weight }])));
    expect(Object.keys(tally(30, () => select(weighty))).toSorted()).toEqual(['a', 'b']);
  });

  it('gives weight 0 no turn either beside one that has just had its own', () => {
    const picture = pictureOf({ default: { weight: 5 }, 'replica-1': { weight: 1 }, none: { weight: 0 } });
    const select = roundRobin({ random: () => 0 });
    while (choose(select, picture.readable)?.name !== 'replica-1');
    expect(choose(select, picture.without(['default']).readable)?.name).toBe('replica-1');
  });

  it('takes turns where every weight is 0', () => {
    const select = roundRobin();
    const none = candidates({ a: { weight: 0 }, b: { weight: 0 } });
    expect(tally(10, () => select(none))).toEqual({ a: 5, b: 5 });
  });

  it('keeps the account of a database that is seen anew', () => {
    const picture = pictureOf({ default: { weight: 2 }, replica: { weight: 1 } });
    const seen = [picture, picture.observe('replica', { health: 'suspect' })];
    const select = roundRobin({ random: () => 0 });
    let draw = 0;
    const names = Array.from({ length: 9 }, () => choose(select, seen[draw++ % 2]!.readable)?.name);
    expect(names.filter((name) => name === 'replica')).toHaveLength(3);
    expect(names.join(' ')).toBe(Array(3).fill('default replica default').join(' '));
  });

  it('has a turn of its own in each router that was given one', () => {
    const [one, other] = [roundRobin({ random: () => 0 }), roundRobin({ random: () => 0 })];
    one(three);
    one(three);
    expect(other(three).name).toBe('b');
  });
});
