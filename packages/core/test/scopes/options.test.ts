import { describe, expect, it } from '@jest/globals';
import type { Hints } from '../../src/context.js';
import type { ScopeOptions } from '../../src/scopes.js';
import { runInSession, useDatabase, usePrimary, useReplica, withHints, withoutPinning } from '../../src/scopes.js';
import { refusal } from '../support/thrown.js';

type Scope = (work: () => unknown, options?: ScopeOptions) => unknown;
const SCOPES: readonly (readonly [string, Scope])[] = [
  ['usePrimary', usePrimary],
  ['useReplica', useReplica],
  ['useDatabase', (work, options) => useDatabase('default', work, options)],
  ['withoutPinning', withoutPinning],
  ['withHints', (work, options) => withHints({}, work, options)],
];
const never = (): never => {
  throw new Error('the work was run');
};

describe.each(SCOPES)('%s', (name, scope) => {
  it('refuses anything but a function as its work', async () => {
    const promise = Promise.resolve();
    expect(await refusal('SLUICE_CONFIG', () => scope(promise as never))).toBe(
      `${name} got an object of class Promise; give the function to run`,
    );
    expect(await refusal('SLUICE_CONFIG', () => scope(undefined as never))).toContain('undefined');
  });

  it('refuses an option it does not know, with the nearest it does, before it runs anything', async () => {
    expect(await refusal('SLUICE_CONFIG', () => scope(never, { clutser: 'x' } as ScopeOptions))).toBe(
      `${name} has no option "clutser", did you mean "cluster"?; allowed are cluster`,
    );
  });

  it.each([null, 'shop', 42])('refuses %p for its options, before it runs anything', async (options) => {
    expect(await refusal('SLUICE_CONFIG', () => scope(never, options as never))).toBe(
      `the options of ${name} are ${JSON.stringify(options)}; give an object with any of cluster`,
    );
  });

  it.each(['', 7])('refuses %p for the name of a cluster, before it runs anything', async (cluster) => {
    expect(await refusal('SLUICE_CONFIG', () => scope(never, { cluster } as never))).toBe(
      `cluster of ${name} is ${JSON.stringify(cluster)}; give the name of a cluster, or leave it out for all`,
    );
  });
});

describe('useDatabase', () => {
  it.each([
    ['', '""'],
    [undefined, 'undefined'],
    [{}, 'an object of class Object'],
  ])('refuses the name %p', async (name, shown) => {
    expect(await refusal('SLUICE_CONFIG', () => useDatabase(name as string, never))).toBe(
      `useDatabase got ${shown}; give the name of a database of the cluster`,
    );
  });
});

describe('withHints', () => {
  it.each([
    [null, 'null'],
    ['report', '"report"'],
    [[1], 'an array'],
    [never, 'the function never'],
  ])('refuses the hints %p', async (hints, shown) => {
    expect(await refusal('SLUICE_CONFIG', () => withHints(hints as unknown as Hints, never))).toBe(
      `withHints got ${shown}; give an object of hints`,
    );
  });
});

describe('runInSession', () => {
  it('refuses anything but a function as its work', async () => {
    expect(await refusal('SLUICE_CONFIG', () => runInSession('work' as never))).toBe(
      'runInSession got "work"; give the function to run',
    );
  });
});
