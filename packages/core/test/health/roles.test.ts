import { describe, expect, it } from '@jest/globals';
import type { Report } from '../../src/health/report.js';
import type { Member, Roles } from '../../src/health/roles.js';
import { rolesOf } from '../../src/health/roles.js';
import { says } from '../support/servers.js';

const wal = (bytes: number): ReadonlyMap<string, number> => new Map([['wal', bytes]]);

const primary: Member = {
  name: 'default',
  configured: 'primary',
  role: 'primary',
  alive: true,
  report: says({ writable: true, replicating: false, promoted: false }),
  wasReadOnly: false,
};
const replica: Member = {
  name: 'replica-1',
  configured: 'replica',
  role: 'replica',
  alive: true,
  report: says({ writable: false, replicating: true, promoted: true }),
  wasReadOnly: true,
};
const other: Member = { ...replica, name: 'replica-2' };
/** Takes writes now, and applies nothing. */
const promoted: Member = { ...replica, report: says({ writable: true, replicating: false, promoted: true }) };
/** The primary of before that somebody made read only. */
const demoted: Member = { ...primary, report: says({ writable: false, replicating: false }) };
const gone: Member = { ...primary, alive: false };
const unseen: Member = { ...primary, alive: false, report: undefined };
/** After a promotion: what is configured as a replica is the primary. */
const successor: Member = { ...promoted, role: 'primary', wasReadOnly: false };

const branch = (member: Member, timeline: number, more: Partial<Report> = {}): Member => ({
  ...member,
  report: says({ ...member.report, timeline, promoted: timeline > 1, ...more }),
});
const roles = (primaries: string, disputed: string): Roles => ({
  primaries: [primaries],
  disputed: disputed === '' ? [] : [disputed],
});

describe('who is the primary', () => {
  it.each<[string, readonly Member[], string, string]>([
    // what is seen, of whom, the primary, the disputed one
    ['nothing was said by anybody', [unseen, { ...replica, alive: false, report: undefined }], 'default', ''],
    ['all is as configured', [primary, replica, other], 'default', ''],
    ['the primary is read only, and nobody took over', [demoted, replica], 'default', ''],
    ['the primary is gone, and nobody took over', [gone, replica, other], 'default', ''],
    ['the primary is read only and a replica was promoted', [demoted, promoted, other], 'replica-1', ''],
    ['the primary is gone and a replica was promoted', [gone, promoted, other], 'replica-1', ''],
    ['the promoted one does not answer any more', [gone, { ...promoted, alive: false }, other], 'default', ''],
    [
      'a replica takes writes for a moment, and replicates on',
      [gone, { ...replica, report: says({ writable: true, replicating: true }) }],
      'default',
      '',
    ],
    [
      'two were promoted: the newer timeline',
      [gone, branch(promoted, 2), branch({ ...promoted, name: 'replica-2' }, 3)],
      'replica-2',
      '',
    ],
    [
      'two were promoted: the one that holds more',
      [
        gone,
        { ...promoted, report: says({ ...promoted.report, position: wal(7) }) },
        { ...promoted, name: 'replica-2', report: says({ ...promoted.report, position: wal(9) }) },
      ],
      'replica-2',
      '',
    ],
    [
      'the first switch is over, and the old primary follows',
      [{ ...replica, name: 'default', configured: 'primary' }, successor],
      'replica-1',
      '',
    ],
    [
      'it is switched back',
      [
        { ...promoted, name: 'default', configured: 'primary' },
        { ...successor, report: says({ writable: false }) },
      ],
      'default',
      '',
    ],
  ])('when %s', (_what, members, name, disputed) => {
    expect(rolesOf(members)).toEqual(roles(name, disputed));
  });
});

describe('never promoted is', () => {
  const subscriber: Member = {
    ...replica,
    wasReadOnly: false,
    report: says({ writable: true, replicating: false, family: 'its own', timeline: 1, promoted: false }),
  };
  const careless: Member = {
    ...replica,
    wasReadOnly: false,
    report: says({ writable: true, replicating: true, promoted: true, position: wal(9) }),
  };
  const from = (member: Member): Member => ({
    ...member,
    report: member.report && { ...member.report, family: "the primary's", timeline: 1, position: wal(9) },
  });

  it.each<[string, Member]>([
    ['while the primary serves', primary],
    ['while the primary is read only', demoted],
    ['while the primary is gone', gone],
    ['while the primary was never seen', unseen],
  ])('a subscriber of logical replication, nor a replica that nobody made read only, %s', (_when, current) => {
    expect(rolesOf([from(current), subscriber])).toEqual(roles('default', ''));
    expect(rolesOf([from(current), careless])).toEqual(roles('default', ''));
  });

  it('a subscriber that was promoted among others of its kind', () => {
    const elsewhere = branch({ ...subscriber, wasReadOnly: true }, 7);
    for (const current of [primary, demoted, gone]) {
      expect(rolesOf([from(current), elsewhere])).toEqual(roles('default', ''));
    }
  });

  it('a replica that was not asked since it went down', () => {
    expect(rolesOf([gone, { ...promoted, alive: false }])).toEqual(roles('default', ''));
  });

  it('a second name of the server that is the primary', () => {
    const server = 'db:3306:1';
    const one = { ...primary, report: says({ writable: true, replicating: false, server }) };
    const two = { ...replica, report: says({ writable: true, replicating: false, promoted: true, server }) };
    expect(rolesOf([one, two])).toEqual(roles('default', ''));
    expect(rolesOf([{ ...one, alive: false }, two])).toEqual(roles('default', ''));
  });
});

describe('of two that both take writes', () => {
  it.each<[string, Member, Member, string, string]>([
    // what, the primary so far, the other one, the primary, the disputed one
    [
      'the newer timeline wins, the old one is disputed',
      branch(primary, 1),
      branch(promoted, 2),
      'replica-1',
      'default',
    ],
    ['the same timeline changes nothing', branch(primary, 2), branch(promoted, 2), 'default', ''],
    ['a replica that was seen read only has been promoted', primary, promoted, 'replica-1', 'default'],
    [
      'one that does not say whether it replicates has not',
      primary,
      { ...promoted, report: says({ writable: true }) },
      'default',
      '',
    ],
    [
      'one that was fed once and holds more came later',
      { ...primary, report: says({ ...primary.report, position: wal(5) }) },
      { ...promoted, wasReadOnly: false, report: says({ ...promoted.report, position: wal(9) }) },
      'replica-1',
      'default',
    ],
    [
      'one that was fed once and holds as much may be a copy',
      { ...primary, report: says({ ...primary.report, position: wal(9) }) },
      { ...promoted, wasReadOnly: false, report: says({ ...promoted.report, position: wal(9) }) },
      'default',
      '',
    ],
  ])('%s', (_what, current, member, name, disputed) => {
    expect(rolesOf([current, member])).toEqual(roles(name, disputed));
  });

  const returned: Member = { ...primary, role: 'replica' };

  it.each<[string, Member, Member]>([
    ['by its timeline', branch(returned, 1), branch(successor, 2)],
    ['though nobody can tell the two apart', returned, successor],
    [
      'though it wrote on',
      { ...returned, report: says({ ...returned.report, position: wal(99) }) },
      { ...successor, report: says({ ...successor.report, position: wal(9) }) },
    ],
  ])('the old primary that comes back does not take over, and is disputed: %s', (_what, old, current) => {
    expect(rolesOf([old, current])).toEqual(roles('replica-1', 'default'));
  });

  it('the old primary is disputed no longer once it is read only', () => {
    expect(rolesOf([{ ...demoted, role: 'replica' }, successor])).toEqual(roles('replica-1', ''));
  });

  it('the old primary is not disputed under another name of the new one', () => {
    const server = 'db:3306:1';
    const old = { ...returned, report: says({ ...returned.report, server }) };
    const current = { ...successor, report: says({ ...successor.report, server }) };
    expect(rolesOf([old, current])).toEqual(roles('replica-1', ''));
  });
});

describe('a process that has seen no promotion', () => {
  const grown: Member = { ...promoted, wasReadOnly: false };
  const holding = (member: Member, bytes: number): Member => ({
    ...member,
    report: says({ ...member.report, position: wal(bytes) }),
  });

  it.each<[string, Member, Member, string]>([
    ['takes one that was promoted, where the primary cannot be asked', unseen, grown, 'replica-1'],
    [
      'takes no one that was never fed',
      unseen,
      { ...grown, report: says({ writable: true, promoted: false }) },
      'default',
    ],
    ['takes no one that does not say', unseen, { ...grown, report: says({ writable: true }) }, 'default'],
    ['takes one that holds all of a primary that is read only', holding(demoted, 5), holding(grown, 9), 'replica-1'],
    [
      'takes no one that holds all of a primary that was lost while it served',
      holding(gone, 5),
      holding(grown, 9),
      'default',
    ],
    ['takes no one that lacks some of it', holding(demoted, 9), holding(grown, 5), 'default'],
    ['takes no one of which nobody knows what it holds', demoted, grown, 'default'],
    ['takes the newer timeline', branch(primary, 1), branch(grown, 2), 'replica-1'],
  ])('%s', (_what, current, member, name) => {
    expect(rolesOf([current, member]).primaries).toEqual([name]);
  });
});

describe('several configured primaries', () => {
  const b: Member = { ...primary, name: 'primary-b' };
  const names = (...members: readonly Member[]): readonly string[] => rolesOf(members).primaries;

  it('are primaries while they take writes, or do not say', () => {
    expect(names(primary, b, replica)).toEqual(['default', 'primary-b']);
    expect(names({ ...primary, report: undefined }, { ...b, report: says() })).toEqual(['default', 'primary-b']);
  });

  it('are none while they are read only, unless all are', () => {
    const readOnly = { ...b, report: says({ writable: false }) };
    expect(names(primary, readOnly)).toEqual(['default']);
    expect(names(demoted, readOnly)).toEqual(['default', 'primary-b']);
  });

  it('are primaries again when they take writes again', () => {
    expect(names(primary, { ...b, role: 'replica' })).toEqual(['default', 'primary-b']);
  });

  it('leave replicas what they are', () => {
    expect(names({ ...primary, alive: false }, { ...b, alive: false }, promoted)).toEqual(['default', 'primary-b']);
  });

  it('are never disputed', () => {
    expect(rolesOf([primary, b, promoted]).disputed).toEqual([]);
  });
});
