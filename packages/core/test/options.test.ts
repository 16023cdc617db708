import { describe, expect, it } from '@jest/globals';
import { nearest, numberOption, oneOf, refuseUnknown, show } from '../src/options.js';
import { refusal } from './support/thrown.js';

describe('show()', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['', '""'],
    ['a "quoted" word', '"a \\"quoted\\" word"'],
    ['x'.repeat(100), `"${'x'.repeat(60)}…"`],
    [7, '7'],
    [Number.NaN, 'NaN'],
    [10n, '10'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [[1, 2], 'an array'],
    [{}, 'an object of class Object'],
    [new Map(), 'an object of class Map'],
    [Object.create(null), 'an object of class none'],
    [function named() {}, 'the function named'],
    [class Named {}, 'the function Named'],
    [(() => () => {})(), 'a function'],
  ])('shows %p as %s', (value, shown) => {
    expect(show(value)).toBe(shown);
  });
});

describe('nearest()', () => {
  const known = ['router', 'routers', 'select', 'probeIntervalMs', 'name'];
  it.each([
    ['rooter', 'router'],
    ['Router', 'router'],
    ['routerss', 'routers'],
    ['selct', 'select'],
    ['probeInterval', 'probeIntervalMs'],
    ['nam', 'name'],
    ['entirelyElse', undefined],
    ['x', undefined],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it('is nothing among nothing', () => {
    expect(nearest('router', [])).toBeUndefined();
  });
});

describe('refuseUnknown()', () => {
  it('lets known options pass', () => {
    expect(refuseUnknown('Thing', { a: 1, b: undefined }, ['a', 'b', 'c'])).toBeUndefined();
  });

  it('names the first unknown one, and all that are known', async () => {
    expect(await refusal('SLUICE_CONFIG', () => refuseUnknown('Thing', { a: 1, zebra: 1, yak: 1 }, ['a', 'b']))).toBe(
      'Thing has no option "zebra"; allowed are a, b',
    );
  });

  it.each([null, undefined, 'a', 7, ['a'], () => {}])('refuses options that are %p', async (given) => {
    expect(await refusal('SLUICE_CONFIG', () => refuseUnknown('Thing', given as object, ['a', 'b']))).toBe(
      `the options of Thing are ${show(given)}; give an object with any of a, b`,
    );
  });
});

describe('numberOption()', () => {
  const limits = { min: 1, fallback: 9 };

  it('is the fallback where nothing was given, and otherwise what was given', () => {
    expect(numberOption('x', undefined, limits)).toBe(9);
    expect(numberOption('x', 1, limits)).toBe(1);
    expect(numberOption('x', 2.5, limits)).toBe(2.5);
  });

  it.each([0, -1, Number.NaN, Infinity, '5', null, true, 5n])('refuses %p', async (given) => {
    expect(await refusal('SLUICE_CONFIG', () => numberOption('x', given, limits))).toBe(
      `x is ${show(given)}; give a number of at least 1 (default: 9)`,
    );
  });
});

describe('oneOf()', () => {
  it('is the word that was given, if it is allowed', () => {
    expect(oneOf('x', 'b', ['a', 'b'])).toBe('b');
  });

  it.each(['c', 'A', undefined, 0])('refuses %p', async (given) => {
    expect(await refusal('SLUICE_CONFIG', () => oneOf('x', given, ['a', 'b']))).toBe(
      `x is ${show(given)}; allowed are "a", "b"`,
    );
  });
});
