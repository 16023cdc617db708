import { describe, expect, it } from '@jest/globals';
import type { SluiceErrorCode } from '../../src/errors.js';
import type { Fault } from '../support/faults.js';
import {
  always,
  conflict,
  deadlock,
  denied,
  duplicate,
  full,
  lost,
  notReady,
  readOnly,
  refused,
  scripted,
  timedOut,
} from '../support/faults.js';
import type { RigOptions } from '../support/rig.js';
import { READ, rig } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { warnings } from '../support/warnings.js';

const preferring = (name: string): RigOptions => ({ router: { dbForRead: () => name } });

describe('a read', () => {
  warnings();

  it.each<[string, () => Fault]>([
    ['refuses its connection', refused],
    ['has no connection to spare', full],
    ['refuses our credentials', denied],
    ['loses the connection on the way', lost],
    ['is not ready', notReady],
    ['takes it for a write', readOnly],
  ])('is answered by another database when one %s', async (_what, fault) => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, { 'replica-1': always(fault), 'replica-2': [] });
    for (let reads = 0; reads < 4; reads += 1) expect(await run(READ)).toBe('replica-2');
    expect(asked).toContain('replica-1');
  });

  it('is answered by another database when a standby cancels it in favour of replay', async () => {
    const { cluster } = rig({ engine: 'postgres' });
    const { run, asked } = scripted(cluster, { 'replica-1': always(conflict) });
    for (let reads = 0; reads < 4; reads += 1) expect(await run(READ)).toBe('replica-2');
    expect(asked.filter((name) => name === 'replica-1')).toHaveLength(2);
  });

  it.each<[string, () => Fault]>([
    ['a constraint', duplicate],
    ['a deadlock', deadlock],
    ['a limit of the caller', timedOut],
  ])('that fails for %s is sent once, and fails as the database said', async (_what, fault) => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, { 'replica-1': [fault], 'replica-2': [fault] });
    const error = await thrownBy(() => run(READ));
    expect(error.message).toBe(fault().error.message);
    expect(asked).toHaveLength(1);
    expect(cluster.databases.all.map(({ health }) => health)).toEqual(['up', 'up', 'up']);
  });

  it('reaches every database once before it gives up', async () => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, {
      default: always(refused),
      'replica-1': always(refused),
      'replica-2': always(refused),
    });
    expect(await refusal('SLUICE_NO_DATABASE', () => run(READ))).toContain('can serve this read');
    expect([...asked].toSorted()).toEqual(['default', 'replica-1', 'replica-2']);
  });

  it('is answered by any database that is left, though no router offers it', async () => {
    const { cluster } = rig(preferring('replica-1'));
    const { run, asked } = scripted(cluster, { 'replica-1': always(refused), default: always(refused) });
    expect(await run(READ)).toBe('replica-2');
    expect(asked).toEqual(['replica-1', 'default', 'replica-2']);
  });

  it('is not sent to a database again that failed a moment ago', async () => {
    const { cluster } = rig(preferring('default'));
    const { run, asked } = scripted(cluster, { default: always(refused) });
    for (let reads = 0; reads < 5; reads += 1) await run(READ);
    expect(asked.filter((name) => name === 'default')).toHaveLength(1);
  });

  it('whose connection was lost on the last database is sent to it once more', async () => {
    const { cluster } = rig({ databases: { default: {} } });
    const { run, asked } = scripted(cluster, { default: [lost] });
    expect(await run(READ)).toBe('default');
    expect(asked).toEqual(['default', 'default']);
  });

  it('gets that second chance on a new connection: the idle ones, which may be as dead, are dropped', async () => {
    const given = rig({ databases: { default: {} } });
    const pool: unknown[] = [];
    given.cluster.on('pool', (event) => pool.push(event));
    await scripted(given.cluster, { default: [lost] }).run(READ);
    expect(given.discarded).toEqual(['default']);
    expect(pool).toEqual([
      { cluster: 'default', database: 'default', role: 'primary', reason: 'its connection was lost' },
    ]);
  });

  it('gets that second chance but once', async () => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, {
      default: always(lost),
      'replica-1': always(lost),
      'replica-2': always(lost),
    });
    expect(await refusal('SLUICE_NO_DATABASE', () => run(READ))).toContain('Connection lost');
    expect(asked).toHaveLength(4);
    expect(asked[2]).toBe(asked[3]);
    expect(new Set(asked).size).toBe(3);
  });

  it.each<[string, () => Fault, SluiceErrorCode]>([
    ['refused', refused, 'SLUICE_NO_DATABASE'],
    ['not ready', notReady, 'SLUICE_NO_DATABASE'],
    ['full', full, 'SLUICE_OVERLOADED'],
  ])('gets no second chance from a database that is %s', async (_what, fault, code) => {
    const { cluster } = rig({ databases: { default: {} } });
    const { run, asked } = scripted(cluster, { default: [fault] });
    expect(await refusal(code, () => run(READ))).toMatch(/default (is|has)/);
    expect(asked).toEqual(['default']);
  });

  it('keeps the error that ended it as the cause', async () => {
    const { cluster } = rig({ databases: { default: {} } });
    const { run } = scripted(cluster, { default: [refused] });
    const { cause } = await thrownBy(() => run(READ));
    expect(cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('passes on the error of a database that only its configuration can help', async () => {
    const { cluster } = rig({ databases: { default: {} } });
    const { run } = scripted(cluster, { default: always(denied) });
    expect(await thrownBy(() => run(READ))).toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });
});

describe('a router that throws', () => {
  const bug = new TypeError('a bug in a router');

  it('fails the statement, before anything is asked', async () => {
    const { cluster } = rig({
      router: {
        dbForRead: () => {
          throw bug;
        },
      },
    });
    const { run, asked } = scripted(cluster, {});
    expect(await thrownBy(() => run(READ))).toBe(bug);
    expect(asked).toEqual([]);
  });

  it('fails the statement also when it is asked for the next database, and leaves none busy', async () => {
    const { cluster } = rig({
      router: {
        dbForRead: (_request, databases) => {
          if (databases.readable.length < 3) throw bug;
          return 'replica-1';
        },
      },
    });
    expect(await thrownBy(() => scripted(cluster, { 'replica-1': [refused] }).run(READ))).toBe(bug);
    expect(cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  });
});

describe('that a database refuses our credentials', () => {
  const heard = warnings();

  it('is said in a warning that names it and its error', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { 'replica-1': [denied], 'replica-2': [denied] });
    await run(READ);
    expect(heard).toContainEqual({
      message: "database replica-1 refuses our connections: Access denied for user 'app'",
      code: 'SLUICE_UNUSABLE_DATABASE',
    });
  });

  it.each<[string, () => Fault]>([
    ['refuses a connection', refused],
    ['is full', full],
    ['loses a connection', lost],
  ])('is said of none that %s', async (_what, fault) => {
    await scripted(rig().cluster, { 'replica-1': [fault], 'replica-2': [fault] }).run(READ);
    expect(heard).toEqual([]);
  });
});
