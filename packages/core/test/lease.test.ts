import { describe, expect, it } from '@jest/globals';
import type { Ended, LeaseOwner } from '../src/lease.js';
import { Lease } from '../src/lease.js';
import type { Mark } from '../src/pins.js';
import { Session } from '../src/session.js';
import { pictureOf } from './support/pictures.js';

interface Owned {
  readonly lease: Lease;
  readonly ended: Ended[];
  readonly mark: Mark;
  /** How often it heard of a write. */
  writings(): number;
}

/** A lease of which so many writes do not pin, and all others do. */
function owned({ unpinned = 0 } = {}): Owned {
  const ended: Ended[] = [];
  const mark: Mark = {
    session: new Session(),
    affinity: { pinnedUntil: 0, arrivedUntil: 0, pending: 0, primary: undefined, wrote: false, gained: false },
    pins: true,
  };
  let writings = 0;
  const owner: LeaseOwner = {
    writing: () => {
      writings += 1;
      return writings > unpinned ? mark : { ...mark, pins: false };
    },
    ended: (how) => void ended.push(how),
  };
  const database = pictureOf({ default: {} }).default;
  const route = { database, reason: 'router', cause: 'ReplicaRouter', considered: [] } as const;
  return {
    lease: new Lease(owner, {
      route,
      intent: 'write',
      placement: undefined,
      startedAt: 7,
      waitedAt: 7,
      inFlight: undefined,
    }),
    ended,
    mark,
    writings: () => writings,
  };
}

describe('a lease', () => {
  it('has sent nothing, written nothing and is not kept at first', () => {
    const { lease } = owned();
    expect([lease.sent, lease.wrote, lease.kept]).toEqual([false, false, false]);
    expect(lease.intent).toBe('write');
  });

  it('says what its ORM call holds', () => {
    const { lease } = owned();
    expect(lease.held).toEqual({ database: 'default', intent: 'write', placement: undefined, cause: 'ReplicaRouter' });
  });

  it('has sent something as soon as that is about to leave', () => {
    const { lease, writings } = owned();
    lease.sending();
    expect([lease.sent, writings()]).toEqual([true, 0]);
  });

  it('has sent nothing where no connection came about', () => {
    const { lease } = owned();
    lease.sending();
    lease.unsent();
    expect(lease.sent).toBe(false);
  });

  it('tells of its writes until one pins', () => {
    const { lease, ended, writings, mark } = owned({ unpinned: 2 });
    for (let write = 0; write < 5; write += 1) lease.writing();
    expect(writings()).toBe(3);
    lease.end('committed');
    expect(ended[0]?.mark).toBe(mark);
  });

  it('remembers a write that does not pin, where there is no other', () => {
    const { lease, ended } = owned({ unpinned: 2 });
    lease.writing();
    lease.writing();
    lease.end('committed');
    expect(ended[0]?.mark).toMatchObject({ pins: false });
  });

  it('tells of its first write once, where that pins', () => {
    const { lease, writings } = owned();
    lease.writing();
    lease.writing();
    expect([lease.sent, writings()]).toEqual([true, 1]);
  });

  it.each([
    [[], false],
    [[0], false],
    [[1], true],
    [[undefined], true],
    [[0, 3, 0], true],
  ])('wrote, after writes that changed %p rows: %p', (rows, wrote) => {
    const { lease } = owned();
    for (const changed of rows) lease.changed(changed);
    expect(lease.wrote).toBe(wrote);
  });

  it('ends once, with all that is known of it', () => {
    const { lease, ended, mark } = owned();
    lease.writing();
    lease.changed(2);
    lease.end('unknown', { failed: true });
    lease.end('committed');
    expect(ended).toEqual([
      {
        route: lease.route,
        waitedAt: 7,
        kept: false,
        outcome: 'unknown',
        failed: true,
        wrote: true,
        mark,
      },
    ]);
  });

  it('ends without a mark where it did not write, and without blame unless told', () => {
    const { lease, ended } = owned();
    lease.end('committed');
    expect(ended).toMatchObject([{ outcome: 'committed', failed: false, wrote: false, mark: undefined }]);
  });
});
