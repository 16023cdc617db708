import { describe, expect, it } from '@jest/globals';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { runInSession, withoutPinning } from '../../src/scopes.js';
import { random } from '../../src/selection/random.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { pictureOf, READ, tally, WRITE } from '../support/pictures.js';
import type { Rig } from '../support/rig.js';
import { begin, read, reads, rig, write } from '../support/rig.js';
import { refused, scripted } from '../support/faults.js';

const chance = new ManualClock(7);
const seeded = (): MultiPrimaryRouter => new MultiPrimaryRouter({ select: random({ random: () => chance.random() }) });
const DATABASES = { 'primary-a': {}, 'primary-b': {}, 'primary-c': {}, replica: {} };
const cluster = (): Rig => rig({ databases: DATABASES, router: seeded() });

describe('MultiPrimaryRouter', () => {
  it('reads from every readable database about as often, primaries included', () => {
    const router = seeded();
    const counts = tally(4_000, () => router.dbForRead(READ, pictureOf(DATABASES)));
    expect(Object.keys(counts).toSorted()).toEqual(Object.keys(DATABASES));
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });

  it('writes to every writable primary about as often, and to no replica', () => {
    const router = seeded();
    const counts = tally(3_000, () => router.dbForWrite(WRITE, pictureOf(DATABASES)));
    expect(Object.keys(counts).toSorted()).toEqual(['primary-a', 'primary-b', 'primary-c']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });

  it('writes to no primary that is down', () => {
    const router = seeded();
    const databases = pictureOf({ ...DATABASES, 'primary-b': { health: 'down' } });
    expect(Object.keys(tally(200, () => router.dbForWrite(WRITE, databases))).toSorted()).toEqual([
      'primary-a',
      'primary-c',
    ]);
  });

  it('keeps all writes of a session, and its reads from then on, on the primary it wrote to first', async () => {
    const { cluster: several } = cluster();
    await runInSession(async () => {
      const first = await write(several);
      for (let index = 0; index < 30; index += 1) {
        expect(await write(several)).toBe(first);
        expect(await read(several)).toBe(first);
      }
    });
  });

  it('spreads the reads of a session that has not written', async () => {
    const { cluster: several } = cluster();
    const served = await runInSession(() => reads(several, 100));
    expect(new Set(served)).toEqual(new Set(Object.keys(DATABASES)));
  });

  it('chooses the primary anew for each session', async () => {
    const { cluster: several } = cluster();
    const chosen = new Set<string>();
    for (let index = 0; index < 60; index += 1) chosen.add(await runInSession(() => write(several)));
    expect([...chosen].toSorted()).toEqual(['primary-a', 'primary-b', 'primary-c']);
  });

  it('keeps the primary, but not the reads, of a session that wrote without pinning', async () => {
    const { cluster: several } = cluster();
    await runInSession(async () => {
      const first = await withoutPinning(() => write(several));
      for (let index = 0; index < 30; index += 1) expect(await withoutPinning(() => write(several))).toBe(first);
      expect(new Set(await reads(several, 100)).size).toBe(4);
    });
  });

  it('gives all entities of one flush the same primary', () => {
    const { cluster: several } = cluster();
    const chosen = tally(90, () => several.explain({ intent: 'write', writes: ['Order', 'Line', 'Stock'] }).database);
    expect(Object.keys(chosen).toSorted()).toEqual(['primary-a', 'primary-b', 'primary-c']);
  });

  it('lets no statement of a transaction leave its primary', async () => {
    const { cluster: several } = cluster();
    for (let index = 0; index < 30; index += 1) {
      const lease = await begin(several);
      for (const model of ['Order', 'Line']) several.confine({ intent: 'write', model }, lease);
      lease.end('committed');
    }
  });

  it('moves a session to another primary when its own is down', async () => {
    const { cluster: several } = cluster();
    await runInSession(async () => {
      const first = await write(several);
      const { run } = scripted(several, { [first]: [refused] });
      const second = await run({ intent: 'write' });
      expect(second).not.toBe(first);
      expect(await write(several)).toBe(second);
      expect(await read(several)).toBe(second);
    });
  });
});
