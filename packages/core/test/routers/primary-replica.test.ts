import { describe, expect, it } from '@jest/globals';
import { PrimaryReplicaRouter } from '../../src/routers/primary-replica.js';
import { random } from '../../src/selection/random.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { nameOf, pictureOf, READ, tally, WRITE } from '../support/pictures.js';

describe('PrimaryReplicaRouter', () => {
  const clock = new ManualClock();
  const router = new PrimaryReplicaRouter({ select: random({ random: () => clock.random() }) });

  it('reads from every readable database about as often, the primary included', () => {
    const databases = pictureOf({ default: {}, 'replica-1': {}, 'replica-2': {} });
    const counts = tally(3_000, () => router.dbForRead(READ, databases));
    expect(Object.keys(counts).toSorted()).toEqual(['default', 'replica-1', 'replica-2']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });

  it('reads from no database that is down', () => {
    const databases = pictureOf({ default: {}, 'replica-1': { health: 'down' }, 'replica-2': {} });
    expect(Object.keys(tally(200, () => router.dbForRead(READ, databases))).toSorted()).toEqual([
      'default',
      'replica-2',
    ]);
  });

  it('reads from a database that is suspect', () => {
    const databases = pictureOf({ default: {}, 'replica-1': { health: 'suspect' } });
    expect(tally(200, () => router.dbForRead(READ, databases))).toHaveProperty('replica-1');
  });

  it('writes to default only, also with several primaries', () => {
    const databases = pictureOf({ 'primary-a': {}, default: {}, 'replica-1': {} });
    expect(tally(50, () => router.dbForWrite(WRITE, databases))).toEqual({ default: 50 });
  });

  it('writes to the first primary where no database is named default', () => {
    const databases = pictureOf({ 'replica-1': {}, 'primary-a': {}, 'primary-b': {} });
    expect(nameOf(router.dbForWrite(WRITE, databases))).toBe('primary-a');
  });

  it('chooses at random when it is given no strategy', () => {
    const databases = pictureOf({ default: {}, 'replica-1': {}, 'replica-2': {} });
    const counts = tally(500, () => new PrimaryReplicaRouter().dbForRead(READ, databases));
    expect(Object.keys(counts).toSorted()).toEqual(['default', 'replica-1', 'replica-2']);
  });
});
