import { describe, expect, it } from '@jest/globals';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { nameOf, pictureOf, READ, tally, WRITE } from '../support/pictures.js';

const THREE = { default: {}, 'replica-1': {}, 'replica-2': {}, 'replica-3': {} };

describe('ReplicaRouter', () => {
  it('reads from the replicas in turn, never from the primary', () => {
    const router = new ReplicaRouter();
    expect(tally(300, () => router.dbForRead(READ, pictureOf(THREE)))).toEqual({
      'replica-1': 100,
      'replica-2': 100,
      'replica-3': 100,
    });
  });

  it('goes through the replicas in the order of the configuration', () => {
    const router = new ReplicaRouter();
    const order = Array.from({ length: 6 }, () => nameOf(router.dbForRead(READ, pictureOf(THREE))) ?? '');
    const start = Number(order[0]?.slice(-1)) - 1;
    expect(order).toEqual(order.map((_, index) => `replica-${((start + index) % 3) + 1}`));
  });

  it('does not begin with the same replica in every process', () => {
    const starts = tally(60, () => new ReplicaRouter().dbForRead(READ, pictureOf(THREE)));
    expect(Object.keys(starts).length).toBeGreaterThan(1);
  });

  it('passes over a replica that is down', () => {
    const router = new ReplicaRouter();
    const databases = pictureOf({ ...THREE, 'replica-2': { health: 'down' } });
    expect(tally(100, () => router.dbForRead(READ, databases))).toEqual({ 'replica-1': 50, 'replica-3': 50 });
  });

  it.each([
    ['all replicas are down', { default: {}, 'replica-1': { health: 'down' } }],
    ['there is no replica', { default: {} }],
  ] as const)('reads from the primary when %s', (_when, given) => {
    expect(nameOf(new ReplicaRouter().dbForRead(READ, pictureOf(given)))).toBe('default');
  });

  it('reads from a replica that is down rather than from nothing, when all databases are down', () => {
    const databases = pictureOf({ default: { health: 'down' }, 'replica-1': { health: 'down' } });
    expect(nameOf(new ReplicaRouter().dbForRead(READ, databases))).toBe('replica-1');
  });

  it('writes to default', () => {
    const router = new ReplicaRouter();
    expect(tally(10, () => router.dbForWrite(WRITE, pictureOf(THREE)))).toEqual({ default: 10 });
  });
});
