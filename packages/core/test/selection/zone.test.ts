import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/databases.js';
import { fastest } from '../../src/selection/fastest.js';
import { leastBusy } from '../../src/selection/least-busy.js';
import { random } from '../../src/selection/random.js';
import { roundRobin } from '../../src/selection/round-robin.js';
import type { NonEmpty, Select } from '../../src/selection/select.js';
import { choose } from '../../src/selection/select.js';
import { weighted } from '../../src/selection/weighted.js';
import { reads, rig } from '../support/rig.js';
import type { Seen } from '../support/pictures.js';
import { pictureOf, tally } from '../support/pictures.js';

const THREE = { default: { zone: 'a' }, 'replica-1': { zone: 'b' }, 'replica-2': { zone: 'a' } } as const;

/** What a strategy is offered of readable databases, as seen from a zone. */
function offered(given: Readonly<Record<string, Seen>>, from?: string): string[] {
  let seen: readonly Database[] = [];
  const chosen = choose((candidates) => {
    seen = candidates;
    return candidates[0];
  }, pictureOf(given, from).readable);
  // one alone is chosen without being offered
  return (seen.length === 0 && chosen !== undefined ? [chosen] : seen).map(({ name }) => name);
}

describe('the zone', () => {
  it.each<[string, Readonly<Record<string, Seen>>, string | undefined, string[]]>([
    ['are those of the own zone', THREE, 'a', ['default', 'replica-2']],
    ['may be one', THREE, 'b', ['replica-1']],
    ['are all, if none is in it', THREE, 'c', ['default', 'replica-1', 'replica-2']],
    ['are all, for a process without one', THREE, undefined, ['default', 'replica-1', 'replica-2']],
    ['are all, if no database has one', { default: {}, 'replica-1': {} }, 'a', ['default', 'replica-1']],
    ['leave out a database without one', { default: {}, 'replica-1': { zone: 'a' } }, 'a', ['replica-1']],
    [
      'leave out a database that is down',
      { ...THREE, 'replica-1': { zone: 'b', health: 'down' } },
      'b',
      ['default', 'replica-2'],
    ],
    [
      'are all, if those of the own zone have weight 0',
      { ...THREE, 'replica-1': { zone: 'b', weight: 0 } },
      'b',
      ['default', 'replica-1', 'replica-2'],
    ],
    [
      'are those of the own zone, if no database has a weight',
      { default: { weight: 0, zone: 'a' }, 'replica-1': { weight: 0, zone: 'b' } },
      'b',
      ['replica-1'],
    ],
    [
      'leave out weight 0 in the own zone beside others there',
      { ...THREE, 'replica-3': { zone: 'a', weight: 0 } },
      'a',
      ['default', 'replica-2'],
    ],
  ])('decides what strategies choose among: they %s', (_rule, given, from, expected) => {
    expect(offered(given, from)).toEqual(expected);
  });

  it.each<[string, Select]>([
    ['random()', random()],
    ['roundRobin()', roundRobin()],
    ['weighted()', weighted()],
    ['leastBusy()', leastBusy()],
    ['fastest()', fastest()],
    ['an object', { select: (candidates) => candidates[0] }],
  ])('holds for %s', (_name, select) => {
    const { readable } = pictureOf(THREE, 'a');
    expect(tally(60, () => choose(select, readable))).not.toHaveProperty('replica-1');
  });

  it('gives a strategy the same list for each decision on one picture', () => {
    const lists = new Set<NonEmpty<Database>>();
    const { readable } = pictureOf(THREE, 'a');
    for (let decision = 0; decision < 3; decision += 1) {
      choose((candidates) => {
        lists.add(candidates);
        return candidates[0];
      }, readable);
    }
    expect(lists.size).toBe(1);
  });

  it('is kept by a cluster until its databases there are down', async () => {
    const { cluster } = rig({
      databases: { default: { zone: 'a' }, 'replica-1': { zone: 'b' }, 'replica-2': { zone: 'a' } },
      zone: 'b',
    });
    expect(await reads(cluster, 4)).toEqual(Array(4).fill('replica-1'));
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const answered = await cluster.run({ intent: 'read' }, ({ database: { name } }) =>
      name === 'replica-1' ? Promise.reject(refused) : Promise.resolve(name),
    );
    expect(answered).toBe('replica-2');
    expect(await reads(cluster, 4)).toEqual(Array(4).fill('replica-2'));
  });

  it('changes nothing for writes to one primary', async () => {
    const { cluster } = rig({ databases: { default: { zone: 'a' }, 'replica-1': { zone: 'b' } }, zone: 'b' });
    expect(cluster.explain({ intent: 'write' }).database.name).toBe('default');
  });

  it('chooses the near one of several primaries for writes', () => {
    const { cluster } = rig({
      databases: { 'primary-a': { zone: 'a' }, 'primary-b': { zone: 'b' } },
      router: 'MultiPrimaryRouter',
      zone: 'b',
    });
    expect(tally(20, () => cluster.explain({ intent: 'write' }).database)).toEqual({ 'primary-b': 20 });
  });

  it('is told to routers of one’s own', () => {
    const { cluster } = rig({ databases: { default: { zone: 'a' }, 'replica-1': {} }, zone: 'a' });
    expect(cluster.databases.all.map(({ zone, near }) => [zone, near])).toEqual([
      ['a', true],
      [undefined, false],
    ]);
  });
});
