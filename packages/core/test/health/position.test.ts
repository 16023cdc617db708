import { describe, expect, it } from '@jest/globals';
import { extent, mariadbPosition, mysqlPosition, reached, walPosition } from '../../src/health/position.js';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4f22ab58-71ca-11e1-9e33-c80aa9429562';

/** A position as an object, to be compared. */
const of = (position: ReadonlyMap<string, number> | undefined): Record<string, number> | undefined =>
  position && Object.fromEntries(position);

describe('a position', () => {
  it.each<[string, unknown, Record<string, number> | undefined]>([
    ['a byte of the WAL', '83886080', { wal: 83_886_080 }],
    ['a byte that a driver made a number', 83_886_080, { wal: 83_886_080 }],
    ['a server that has written nothing', '0', undefined],
    ['a standby that has replayed nothing', null, undefined],
    ['an LSN that is not counted', '0/5000060', undefined],
    ['no text', {}, undefined],
    ['no number', 'NaN', undefined],
    ['an endless one', 'Infinity', undefined],
  ])('in the WAL is read from %s', (_what, bytes, position) => {
    expect(of(walPosition(bytes))).toEqual(position);
  });

  it.each<[string, unknown, Record<string, number> | undefined]>([
    ['one domain', '0-1-270', { 0: 270 }],
    ['several domains', '0-1-270,1-1-5,22-3-9', { 0: 270, 1: 5, 22: 9 }],
    ['a domain that two servers wrote to', '0-1-270,0-2-268', { 0: 270 }],
    ['the same in the other order', '0-2-268,0-1-270', { 0: 270 }],
    ['a list with blanks', '0-1-270, 1-1-5\n', { 0: 270, 1: 5 }],
    ['a server that has written nothing', '', undefined],
    ['a server that does not say', null, undefined],
    ['garbage', 'mariadb-bin.000001', undefined],
    ['a list that is partly garbage', '0-1-270,0-1', undefined],
    ['a number that is not exact', '0-1-9007199254740993', undefined],
  ])("of MariaDB's domains is read from %s", (_what, list, position) => {
    expect(of(mariadbPosition(list))).toEqual(position);
  });

  it.each<[string, unknown, Record<string, number> | undefined]>([
    ['one interval', `${A}:1-5`, { [A]: 5 }],
    ['one transaction', `${A}:7`, { [A]: 1 }],
    ['an interval with a gap', `${A}:1-5:8-9:11`, { [A]: 8 }],
    ['several servers', `${A}:1-5,${B}:1-3`, { [A]: 5, [B]: 3 }],
    ['a set over several lines', `${A}:1-5,\n${B}:1-3`, { [A]: 5, [B]: 3 }],
    ['a set with tags', `${A}:1-5:tag_a:1-3:tag_b:1`, { [A]: 9 }],
    ['a server that is there twice', `${A}:1-5,${A}:9`, { [A]: 6 }],
    ['a server that has written nothing', '', undefined],
    ['a server that does not say', undefined, undefined],
    ['an interval that ends before it begins', `${A}:5-1`, { [A]: 0 }],
  ])("of MySQL's sets is read from %s", (_what, set, position) => {
    expect(of(mysqlPosition(set))).toEqual(position);
  });
});

describe('what a position has reached', () => {
  it.each<[string, string, string, boolean]>([
    ['the same', '0-1-5', '0-1-5', true],
    ['less', '0-1-6', '0-1-5', true],
    ['more', '0-1-5', '0-1-6', false],
    ['what another server wrote under the same number', '0-1-5', '0-2-5', true],
    ['less in one domain and more in another', '0-1-6,1-1-1', '0-1-5,1-1-2', false],
    ['a domain that it has never seen', '0-1-6', '0-1-6,1-1-1', false],
    ['less, having a domain of its own', '0-1-6,9-1-1', '0-1-6', true],
  ])('is %s', (_what, position, target, answer) => {
    expect(reached(mariadbPosition(position) ?? new Map(), mariadbPosition(target) ?? new Map())).toBe(answer);
  });

  it('is told in one number over all sources', () => {
    expect(extent(mariadbPosition('0-1-5,1-1-7'))).toBe(12);
    expect(extent(undefined)).toBe(0);
  });
});
