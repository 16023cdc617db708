import { describe, expect, it } from '@jest/globals';
import { InFlight } from '../src/in-flight.js';
import { Lease } from '../src/lease.js';
import { pictureOf } from './support/pictures.js';

const route = {
  database: pictureOf({ default: {} }).default,
  reason: 'router',
  cause: 'ReplicaRouter',
  considered: [],
} as const;

interface Waiting {
  readonly inFlight: InFlight;
  /** A read that is sent at this time; counts when it is given up. */
  read(startedAt: number): Lease;
  /** The times of the reads that were given up, in order. */
  readonly givenUp: number[];
}

function waiting(): Waiting {
  const inFlight = new InFlight();
  const givenUp: number[] = [];
  return {
    inFlight,
    givenUp,
    read: (startedAt) => {
      const lease = new Lease(
        { writing: () => undefined, ended: () => {} },
        { route, intent: 'read', placement: undefined, startedAt, waitedAt: 0, inFlight },
      );
      lease.carriedBy({ giveUp: () => void givenUp.push(startedAt) });
      return lease;
    },
  };
}

const frozen = new Error('frozen');

describe('the reads in flight', () => {
  it('are told by the oldest, whatever the order in which they end', () => {
    const { inFlight, read } = waiting();
    expect(inFlight.oldestAt).toBeUndefined();
    const leases = [1, 2, 3, 4].map(read);
    const oldest: (number | undefined)[] = [];
    for (const index of [1, 0, 3, 2]) {
      leases[index]?.end('committed');
      oldest.push(inFlight.oldestAt);
    }
    expect(oldest).toEqual([1, 3, 3, undefined]);
  });

  it.each<[string, (lease: Lease) => void]>([
    ['one that has ended', (lease) => lease.end('committed')],
    ['one that failed', (lease) => lease.end('rolled-back', { failed: true })],
    ['a stream that has begun', (lease) => lease.keep()],
    ['one that turned out to write', (lease) => lease.writing()],
    ['one that was given up', (lease) => lease.abandon(frozen)],
  ])('are without %s', (_what, act) => {
    const { inFlight, read, givenUp } = waiting();
    const lease = read(1);
    act(lease);
    expect(inFlight.oldestAt).toBeUndefined();
    const before = givenUp.length;
    inFlight.abandon(frozen);
    expect(givenUp).toHaveLength(before);
  });

  it('are given up all together, oldest first, each once', () => {
    const { inFlight, read, givenUp } = waiting();
    for (const at of [1, 2, 3]) read(at);
    inFlight.abandon(frozen);
    inFlight.abandon(frozen);
    expect(givenUp).toEqual([1, 2, 3]);
    expect(inFlight.oldestAt).toBeUndefined();
  });

  it('are given up with the reason', () => {
    const { inFlight, read } = waiting();
    const reasons: Error[] = [];
    read(1).carriedBy({ giveUp: (reason) => void reasons.push(reason) });
    inFlight.abandon(frozen);
    expect(reasons).toEqual([frozen]);
  });

  it('may be joined by others while they are given up: those stay', () => {
    const { inFlight, read, givenUp } = waiting();
    read(1).carriedBy({ giveUp: () => void read(9) });
    read(2);
    inFlight.abandon(frozen);
    expect(givenUp).toEqual([2]);
    expect(inFlight.oldestAt).toBe(9);
  });

  it('may end while others are given up', () => {
    const { inFlight, read, givenUp } = waiting();
    const first = read(1);
    const second = read(2);
    read(3);
    first.carriedBy({ giveUp: () => second.end('rolled-back') });
    inFlight.abandon(frozen);
    expect(givenUp).toEqual([3]);
    expect(inFlight.oldestAt).toBeUndefined();
  });

  it('end twice without harm to the others', () => {
    const { inFlight, read } = waiting();
    const first = read(1);
    read(2);
    inFlight.remove(first);
    inFlight.remove(first);
    first.end('committed');
    expect(inFlight.oldestAt).toBe(2);
  });

  it('know when their database last answered', () => {
    const { inFlight } = waiting();
    expect(inFlight.answeredAt).toBe(-Infinity);
    inFlight.answered(7);
    expect(inFlight.answeredAt).toBe(7);
  });
});
