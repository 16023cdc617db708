import { describe, expect, it } from '@jest/globals';
import type { Adapter } from '../../src/adapter.js';
import type { Cluster } from '../../src/cluster.js';
import type { Fault } from '../support/faults.js';
import { refused, scripted } from '../support/faults.js';
import type { Probed } from '../support/probed.js';
import { PRIMARY, probed, REPLICA } from '../support/probed.js';
import { begin, READ, read, reads, WRITE, write } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { gate, turns } from '../support/turns.js';

/** A read of this cluster that is under way until it is let go. */
function underWay(cluster: Cluster): { readonly done: Promise<string>; end(): void; readonly on: () => string } {
  const { opened, open } = gate();
  let on = '';
  const done = cluster.run(READ, async (lease) => {
    on = lease.database.name;
    lease.sending();
    await opened;
    return on;
  });
  return { done, end: open, on: () => on };
}

/** Whether a promise has settled, and how. */
function watch<T>(promise: Promise<T>): { value: T | 'pending' } {
  const watched: { value: T | 'pending' } = { value: 'pending' };
  void promise.then((value) => (watched.value = value));
  return watched;
}

const onlyReplica1 = { router: { dbForRead: () => 'replica-1' } };

describe('a database that is drained', () => {
  it('is idle at once if it has nothing', async () => {
    const { cluster, clock } = probed();
    const before = clock.pending;
    expect(await cluster.drain('replica-1')).toBe(true);
    expect(cluster.databases.named('replica-1').health).toBe('draining');
    expect(clock.pending).toBe(before);
  });

  it('is idle when what it has is done', async () => {
    const { cluster, clock } = probed(onlyReplica1);
    const [one, two] = [underWay(cluster), underWay(cluster)];
    const before = clock.pending;
    const drained = watch(cluster.drain('replica-1'));
    one.end();
    await one.done;
    await turns();
    expect(drained.value).toBe('pending');
    two.end();
    await two.done;
    await turns();
    expect(drained.value).toBe(true);
    expect(clock.pending).toBeLessThanOrEqual(before);
  });

  it('waits for a transaction, too', async () => {
    const { cluster } = probed();
    const lease = await begin(cluster);
    const drained = watch(cluster.drain('default'));
    await turns();
    expect(drained.value).toBe('pending');
    lease.end('committed');
    await turns();
    expect(drained.value).toBe(true);
  });

  it.each([
    [undefined, 10_000],
    [500, 500],
    [0, 0],
  ])('is given up at the deadline %p, after %i ms', async (deadlineMs, ms) => {
    const { cluster, clock } = probed({ ...onlyReplica1, probe: 'off' });
    underWay(cluster);
    const drained = watch(cluster.drain('replica-1', deadlineMs === undefined ? {} : { deadlineMs }));
    if (ms > 0) {
      await clock.advance(ms - 1);
      expect(drained.value).toBe('pending');
    }
    await clock.advance(1);
    expect(drained.value).toBe(false);
    cluster.close();
    expect(clock.pending).toBe(0);
  });

  it('gets nothing new', async () => {
    const { cluster } = probed();
    await cluster.drain('replica-1');
    expect(new Set(await reads(cluster, 20))).toEqual(new Set(['replica-2']));
  });

  it('gets what nothing else could serve', async () => {
    const { cluster } = probed();
    await cluster.drain('replica-1');
    const down: readonly (() => Fault)[] = [refused];
    expect(await scripted(cluster, { 'replica-2': down, default: down }).run(READ)).toBe('replica-1');
    await cluster.drain('default');
    expect(await write(cluster)).toBe('default');
  });

  it('stays drained though checks find it well', async () => {
    const { cluster, clock } = probed();
    await cluster.drain('replica-1');
    await clock.advance(60_000);
    expect(cluster.databases.named('replica-1').health).toBe('draining');
  });

  it('serves again after a check has found it well, once that is taken back', async () => {
    const { cluster, clock } = probed();
    await cluster.drain('replica-1');
    cluster.undrain('replica-1');
    expect(cluster.databases.named('replica-1').health).toBe('recovering');
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-2']));
    await clock.advance(500);
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('lets go of who waits for it, when the cluster is closed, and leaves no timer', async () => {
    const { cluster, clock } = probed(onlyReplica1);
    underWay(cluster);
    const drained = watch(cluster.drain('replica-1'));
    cluster.close();
    await turns();
    expect(drained.value).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('is refused by a name that is none, and with a deadline that is none', async () => {
    const { cluster } = probed();
    expect(await refusal('SLUICE_UNKNOWN_DATABASE', () => cluster.drain('nobody'))).toContain('nobody');
    expect(await refusal('SLUICE_UNKNOWN_DATABASE', () => cluster.undrain('nobody'))).toContain('nobody');
    expect(await refusal('SLUICE_CONFIG', () => cluster.drain('replica-1', { deadlineMs: -1 }))).toContain(
      'deadlineMs',
    );
  });
});

interface Changing extends Probed {
  readonly done: string[];
}

/** A cluster whose adapter takes databases in and out. */
function changing(): Changing {
  const done: string[] = [];
  const more: Partial<Adapter> = {
    add: (name, _, role) => void done.push(`add ${name} as ${role}`),
    remove: async (name) => void done.push(`remove ${name}`),
  };
  return { ...probed({}, more), done };
}

describe('a database that is added', () => {
  it('serves, is checked, and has the role that it would have had from the start', async () => {
    const { cluster, clock, done, lines } = changing();
    await cluster.addDatabase('replica-3', {});
    expect(done).toEqual(['add replica-3 as replica']);
    expect(new Set(await reads(cluster, 9))).toEqual(new Set(['replica-1', 'replica-2', 'replica-3']));
    await clock.advance(1_000);
    expect(lines.map(({ database }) => database)).toContain('replica-3');
  });

  it.each(['replica-1', ' REPLICA-1', '', ' '])('is refused under the name %p', async (name) => {
    const { cluster, done } = changing();
    await refusal('SLUICE_CONFIG', () => cluster.addDatabase(name, {}));
    expect(done).toEqual([]);
    expect(cluster.databases.all).toHaveLength(3);
  });

  it('is none where its adapter cannot make it', async () => {
    const failing = probed({}, { add: () => Promise.reject(new Error('no host')) });
    expect((await thrownBy(() => failing.cluster.addDatabase('replica-3', {}))).message).toBe('no host');
    expect(failing.cluster.databases.get('replica-3')).toBeUndefined();
  });

  it('is refused by an adapter that cannot add', async () => {
    expect(await refusal('SLUICE_CONFIG', () => probed().cluster.addDatabase('b', {}))).toContain('cannot be added');
  });
});

describe('a database that is removed', () => {
  it('gets nothing any more, is not checked any more, and is closed when it is idle', async () => {
    const { cluster, clock, done, lines } = changing();
    await clock.advance(1_000);
    expect(await cluster.removeDatabase('replica-1')).toBe(true);
    expect(done).toEqual(['remove replica-1']);
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-2']));
    const its = lines.filter(({ database }) => database === 'replica-1').map(({ line }) => line);
    expect(its.every(({ closed }) => closed)).toBe(true);
    const before = its.map(({ sent }) => sent.length);
    await clock.advance(10_000);
    expect(its.map(({ sent }) => sent.length)).toEqual(before);
    expect(await refusal('SLUICE_UNKNOWN_DATABASE', () => cluster.drain('replica-1'))).toContain('replica-1');
  });

  it('finishes what it has first', async () => {
    const given = { ...probed(onlyReplica1, { remove: async () => {} }) };
    const running = underWay(given.cluster);
    const removed = watch(given.cluster.removeDatabase('replica-1'));
    await turns();
    expect(given.cluster.databases.get('replica-1')).toBeDefined();
    running.end();
    expect(await running.done).toBe('replica-1');
    await turns();
    expect(removed.value).toBe(true);
    expect(given.cluster.databases.get('replica-1')).toBeUndefined();
  });

  it('is removed at the deadline though it is busy', async () => {
    const { cluster, clock } = probed(onlyReplica1, { remove: async () => {} });
    underWay(cluster);
    const removed = watch(cluster.removeDatabase('replica-1', { deadlineMs: 100 }));
    await clock.advance(100);
    expect(removed.value).toBe(false);
  });

  it('may come back', async () => {
    const { cluster } = changing();
    await cluster.removeDatabase('replica-1');
    await cluster.addDatabase('replica-1', {});
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('is not the only primary', async () => {
    const { cluster, done } = changing();
    expect(await refusal('SLUICE_CONFIG', () => cluster.removeDatabase('default'))).toContain('default');
    expect(done).toEqual([]);
    expect(cluster.databases.default.health).toBe('up');
  });

  it('is not the one that became the only primary while it was drained', async () => {
    const { cluster, clock, answers, done } = changing();
    await clock.advance(1_000);
    const { opened, open } = gate();
    const running = cluster.run({ ...READ }, async (lease) => {
      await opened;
      return lease.database.name;
    });
    await turns();
    const busy = cluster.databases.all.find(({ load }) => load.inFlight > 0)?.name ?? '';
    const removed = thrownBy(() => cluster.removeDatabase(busy));
    answers['default'] = { ...PRIMARY, ro: 1 };
    await clock.advance(1_000);
    answers[busy] = { ...REPLICA, ro: 0, running: '0', server: busy };
    await clock.advance(1_000);
    expect(cluster.databases.default.name).toBe(busy);
    open();
    await running;
    expect(await removed).toHaveProperty('code', 'SLUICE_CONFIG');
    expect(done).toEqual([]);
    expect(cluster.databases.named(busy).health).toBe('recovering');
    expect(await write(cluster)).toBe(busy);
  });

  it('may be the primary of before, once another one is promoted', async () => {
    const { cluster, clock, answers } = changing();
    await clock.advance(1_000);
    answers['default'] = { ...PRIMARY, ro: 1 };
    await clock.advance(1_000);
    answers['replica-1'] = { ...REPLICA, ro: 0, running: '0', server: 'replica-1' };
    await clock.advance(1_000);
    await cluster.removeDatabase('default');
    expect(cluster.databases.all.map(({ name }) => name)).toEqual(['replica-1', 'replica-2']);
    expect(await write(cluster, WRITE)).toBe('replica-1');
    expect(await read(cluster)).toBe('replica-2');
  });

  it('is refused by an adapter that cannot remove', async () => {
    const message = await refusal('SLUICE_CONFIG', () => probed().cluster.removeDatabase('replica-1'));
    expect(message).toContain('cannot be removed');
  });
});
