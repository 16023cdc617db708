import { describe, expect, it } from '@jest/globals';
import type { TravellingPin } from '../../src/session-text.js';
import { arePins, decodePins, encodePins } from '../../src/session-text.js';

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1_000;
const pin = (fields: Partial<TravellingPin> = {}): TravellingPin => ({
  cluster: 'default',
  until: NOW + 15_000,
  primary: 'default',
  ...fields,
});

describe('pins as text', () => {
  it.each([
    ['none', []],
    ['one', [pin()]],
    ['one of every cluster', [pin({ cluster: undefined, primary: undefined })]],
    ['several', [pin(), pin({ cluster: 'billing', until: NOW + 1, primary: 'primary-b' })]],
    ['names of any letters', [pin({ cluster: 'caf\u00e9 ~.%!*()\u6570', primary: "it's \ud83d\ude00; \r\n" })]],
  ])('come back as they were: %s', (_what, pins) => {
    expect(decodePins(encodePins(pins), NOW)).toEqual(pins);
  });

  it('are empty where there are none', () => {
    expect(encodePins([])).toBe('');
  });

  it('are made of letters that a cookie, a header and a URL take', () => {
    expect(encodePins([pin({ cluster: 'caf\u00e9 ~.%!*();,"\\ \u6570' })])).toMatch(/^[\w.~%-]+$/);
  });

  it('end no earlier than they did', () => {
    expect(decodePins(encodePins([pin({ until: NOW + 0.4 })]), NOW)).toEqual([pin({ until: NOW + 1 })]);
  });

  it('that are over are left out', () => {
    const text = encodePins([pin({ cluster: 'a', until: NOW }), pin({ cluster: 'b', until: NOW + 1 })]);
    expect(decodePins(text, NOW).map(({ cluster }) => cluster)).toEqual(['b']);
  });
});

describe('a text that is not ours is as if absent', () => {
  const good = encodePins([pin()]);

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an object', { from: good }],
    ['empty', ''],
    ['a word', 'y'],
    ['another version', good.replace(/^1/, '2')],
    ['a version alone', '1'],
    ['a part too few', '1.default~mjue0ohk'],
    ['a part too many', `${good}~x`],
    ['no time', '1.default~~default'],
    ['a time that is no number', '1.default~!!~default'],
    ['a time in capitals', good.toUpperCase()],
    ['a time below zero', '1.default~-1~default'],
    ['a broken escape', '1.%E0%A4%A~mjue0ohk~default'],
    ['one good part and one bad', `${good}.bad`],
    ['a pin that ends in more than a day', encodePins([pin({ until: NOW + DAY_MS + 1 })])],
    ['a pin that ends in the year 3000', encodePins([pin({ until: Date.UTC(3000, 0, 1) })])],
    ['8 KB', `1${'.default~mjue0ohk~default'.repeat(340)}`],
  ])('%s', (_what, text) => {
    expect(decodePins(text, NOW)).toEqual([]);
    expect(arePins(text, NOW)).toBe(false);
  });

  it('and told from pins that are over', () => {
    expect(arePins(encodePins([pin({ until: NOW - 1 })]), NOW)).toBe(true);
    expect(arePins(good, NOW)).toBe(true);
  });

  it('but a pin of a day is ours', () => {
    const pins = [pin({ until: NOW + DAY_MS })];
    expect(decodePins(encodePins(pins), NOW)).toEqual(pins);
  });
});
