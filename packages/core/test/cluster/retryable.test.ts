import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../src/cluster.js';
import { commitFailed } from '../../src/commit.js';
import { SluiceError } from '../../src/errors.js';
import type { RetryableOptions } from '../../src/retryable.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import type { Fault } from '../support/faults.js';
import {
  always,
  brokenOff,
  deadlock,
  denied,
  duplicate,
  full,
  limited,
  lost,
  notReady,
  readOnly,
  refused,
  scripted,
  timedOut,
} from '../support/faults.js';
import { begin, rig, WRITE, write } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';

const error = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);

/** A transaction as an adapter runs it: one write, which fails so, then COMMIT, which fails so. */
async function transaction(
  cluster: Cluster,
  { inside, atCommit }: { inside?: Error; atCommit?: Error },
): Promise<string> {
  const lease = await begin(cluster);
  lease.writing();
  if (inside !== undefined) {
    cluster.failedInside(lease, inside);
    lease.end('rolled-back');
    throw inside;
  }
  lease.changed(1);
  if (atCommit !== undefined) throw commitFailed(cluster.engine, lease, atCommit);
  lease.end('committed');
  return lease.database.name;
}

/** Lets time pass until it has ended, for a minute at the most. */
async function after<T>(clock: ManualClock, ending: Promise<T>): Promise<T> {
  const state = { over: false };
  const watched = ending.finally(() => {
    state.over = true;
  });
  for (let left = 6_000; left > 0 && !state.over; left -= 1) await clock.advance(10);
  if (!state.over) throw new Error('it has not ended within a minute');
  return watched;
}

/** How often the work runs whose first run ends so, and what becomes of it. */
async function runsOf(
  { cluster, clock }: Pick<ReturnType<typeof rig>, 'cluster' | 'clock'>,
  first: () => Promise<unknown>,
  options?: RetryableOptions,
): Promise<{ runs: number; ended: unknown }> {
  let runs = 0;
  const ending = cluster
    .retryable(async () => {
      runs += 1;
      if (runs > 1) return 'done';
      return first();
    }, options)
    .catch((reason: unknown) => reason);
  const ended = await after(clock, ending);
  return { runs, ended };
}

describe('retryable() runs a transaction again', () => {
  it.each<[string, 'mysql' | 'postgres', Error]>([
    ['a lost connection of mysql2', 'mysql', lost().error],
    ['a reset of mysql2', 'mysql', error('read ECONNRESET', { code: 'ECONNRESET', fatal: true })],
    ['a connection that no answer came on', 'mysql', brokenOff().error],
    [
      'a connection that is known to be gone',
      'mysql',
      error("Can't add new command when connection is in closed state"),
    ],
    ['KILL', 'mysql', error('Connection was killed', { errno: 1927 })],
    ['a primary that is read only', 'mysql', readOnly().error],
    ['a node that is not ready', 'mysql', notReady().error],
    ['a deadlock', 'mysql', deadlock().error],
    ['a wait for a lock that took too long', 'mysql', error('Lock wait timeout exceeded', { errno: 1205 })],
    ['a record that has changed', 'mysql', error('Record has changed since last read', { errno: 1020 })],
    ['a lost connection of pg', 'postgres', error('Connection terminated unexpectedly')],
    ['a reset of pg', 'postgres', error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })],
    ['an administrator', 'postgres', error('terminating connection', { code: '57P01', severity: 'FATAL' })],
    ['a standby', 'postgres', error('cannot execute INSERT in a read-only transaction', { code: '25006' })],
    ['a deadlock', 'postgres', error('deadlock detected', { code: '40P01' })],
    ['a serialization failure', 'postgres', error('could not serialize access', { code: '40001' })],
    ['a cancelled read', 'postgres', error('canceling statement due to conflict with recovery', { code: '40001' })],
  ])('after %s of %s', async (_what, engine, inside) => {
    const world = rig({ engine });
    expect(await runsOf(world, () => transaction(world.cluster, { inside }))).toEqual({ runs: 2, ended: 'done' });
    const wrapped = rig({ engine });
    const orms = Object.assign(new Error('QueryFailedError'), { driverError: inside });
    expect((await runsOf(wrapped, () => transaction(wrapped.cluster, { inside: orms }))).runs).toBe(2);
  });

  it.each<[string, 'mysql' | 'postgres', Error]>([
    ['a deadlock', 'mysql', deadlock().error],
    ['a serialization failure', 'postgres', error('could not serialize access', { code: '40001' })],
    [
      'a connection known to be gone before it',
      'postgres',
      error('Client has encountered a connection error and is not queryable'),
    ],
    [
      'a connection that its server had ended before it',
      'mysql',
      error('This socket has been ended by the other party', { code: 'EPIPE', fatal: true }),
    ],
    [
      'a connection known to be gone before it',
      'mysql',
      error("Can't add new command when connection is in closed state"),
    ],
  ])('whose COMMIT met %s of %s', async (_what, engine, atCommit) => {
    const world = rig({ engine });
    expect((await runsOf(world, () => transaction(world.cluster, { atCommit }))).runs).toBe(2);
  });

  it.each<[string, () => Fault]>([
    ['refused', refused],
    ['full', full],
    ['lost as it opened', lost],
  ])('that did not open, as its connection was %s', async (_what, fault) => {
    const world = rig();
    const transactions = scripted(world.cluster, { default: always(fault) });
    expect((await runsOf(world, () => transactions.begin())).runs).toBe(2);
  });

  it('that only read, and tells nobody of its failure', async () => {
    const world = rig();
    expect((await runsOf(world, () => Promise.reject(lost().error))).runs).toBe(2);
  });

  it('that found its connection lost between two statements', async () => {
    const world = rig();
    const closed = error('the connection of this transaction was lost', { code: 'SLUICE_CLOSED' });
    expect((await runsOf(world, () => transaction(world.cluster, { inside: closed }))).runs).toBe(2);
  });

  it('whose COMMIT was lost, if it had written nothing', async () => {
    const world = rig();
    const { runs } = await runsOf(world, async () => {
      throw commitFailed('mysql', await begin(world.cluster), lost().error);
    });
    expect(runs).toBe(2);
  });

  it('as often as it is told to, then gives the last error', async () => {
    for (const [options, runs] of [
      [undefined, 4],
      [{ retries: 1 }, 2],
      [{ retries: 0 }, 1],
    ] as const) {
      const { cluster, clock } = rig();
      const seen: Error[] = [];
      const ending = thrownBy(() =>
        cluster.retryable(() => {
          seen.push(deadlock().error);
          return transaction(cluster, { inside: seen.at(-1)! });
        }, options),
      );
      expect(await after(clock, ending)).toBe(seen.at(-1));
      expect(seen).toHaveLength(runs);
    }
  });

  it('after pauses that grow, and differ by chance', async () => {
    const pauses = async (seed: number): Promise<number[]> => {
      const clock = new ManualClock(seed);
      const { cluster } = rig({ clock });
      const at: number[] = [];
      const ending = thrownBy(() =>
        cluster.retryable(
          () => {
            at.push(clock.now());
            return transaction(cluster, { inside: deadlock().error });
          },
          { retries: 5 },
        ),
      );
      await after(clock, ending);
      return at.slice(1).map((time, index) => time - at[index]!);
    };
    const means = [50, 200, 800, 2_000, 2_000];
    const first = await pauses(1);
    for (const [index, mean] of means.entries()) {
      expect(first[index]).toBeGreaterThanOrEqual(mean / 2);
      expect(first[index]).toBeLessThan(mean * 1.5 + 10); // time passes in steps of 10 ms
    }
    expect(first).toHaveLength(5);
    expect(await pauses(2)).not.toEqual(first);
  });
});

describe('retryable() runs once', () => {
  it.each<[string, Error]>([
    ['a constraint', duplicate().error],
    ['a limit of the server', limited().error],
    ['a limit of the client', timedOut().error],
    ['wrong credentials', denied().error],
    ['an error of the application', new Error('out of stock')],
  ])('what ended with %s', async (_what, inside) => {
    const world = rig();
    expect(await runsOf(world, () => transaction(world.cluster, { inside }))).toEqual({ runs: 1, ended: inside });
  });

  it('what failed in a call to another service, in the same words', async () => {
    const world = rig();
    const reset = error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' });
    const { runs } = await runsOf(world, async () => {
      (await begin(world.cluster)).end('rolled-back');
      throw reset;
    });
    expect(runs).toBe(1);
  });

  it('a write in a transaction that was declared read only', async () => {
    const world = rig({ engine: 'postgres' });
    const refusing = error('cannot execute INSERT in a read-only transaction', { code: '25006', severity: 'ERROR' });
    expect((await runsOf(world, () => Promise.reject(refusing))).runs).toBe(1);
  });

  it('a transaction whose COMMIT may have been applied', async () => {
    const world = rig();
    const { runs, ended } = await runsOf(world, () => transaction(world.cluster, { atCommit: lost().error }));
    expect([runs, (ended as { code: string }).code]).toEqual([1, 'SLUICE_OUTCOME_UNKNOWN']);
  });

  it('what wraps an outcome that is not known', async () => {
    const world = rig();
    const { runs } = await runsOf(world, () =>
      transaction(world.cluster, { atCommit: lost().error }).catch((cause: unknown) => {
        throw new Error('the order failed', { cause });
      }),
    );
    expect(runs).toBe(1);
  });

  it('what says that an outcome elsewhere is not known', async () => {
    const elsewhere = new SluiceError('SLUICE_OUTCOME_UNKNOWN', 'another cluster', { cause: lost().error });
    expect((await runsOf(rig(), () => Promise.reject(elsewhere))).runs).toBe(1);
  });

  it('a write of which nobody knows, whatever failed after it', async () => {
    const world = rig();
    const writes = scripted(world.cluster, { default: [lost] });
    const { runs } = await runsOf(world, async () => {
      expect(await thrownBy(() => writes.run(WRITE))).toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN' });
      await transaction(world.cluster, { inside: deadlock().error });
    });
    expect(runs).toBe(1);
  });

  it.each<[string, (cluster: Cluster) => Promise<unknown>]>([
    ['a transaction', (cluster) => transaction(cluster, {})],
    ['a write', (cluster) => write(cluster)],
    ['a retryable transaction', (cluster) => cluster.retryable(() => transaction(cluster, {}))],
  ])('what has committed %s before', async (_what, committed) => {
    const world = rig();
    const { runs } = await runsOf(world, async () => {
      await committed(world.cluster);
      await transaction(world.cluster, { inside: deadlock().error });
    });
    expect(runs).toBe(1);
    expect(world.clock.now()).toBeLessThan(25); // and does not wait for anything
  });

  it('what commits something while it waits to run again', async () => {
    const world = rig();
    const { runs } = await runsOf(world, async () => {
      void new Promise<void>((resolve) => world.clock.after(20, resolve)).then(() => write(world.cluster));
      await transaction(world.cluster, { inside: deadlock().error });
    });
    expect(runs).toBe(1);
  });

  it('what changed nothing before, twice', async () => {
    const world = rig();
    const { runs } = await runsOf(world, async () => {
      await write(world.cluster, {}, 0);
      await transaction(world.cluster, { inside: deadlock().error });
    });
    expect(runs).toBe(2);
  });

  it('what a cluster runs that is closed meanwhile, and waits no longer', async () => {
    const { cluster, clock } = rig();
    const ending = thrownBy(() => cluster.retryable(() => transaction(cluster, { inside: deadlock().error })));
    while (clock.pending === 0) await clock.advance(0);
    cluster.close();
    expect(await ending).toMatchObject({ errno: 1213 });
    expect(clock.pending).toBe(0);
    expect(await refusal('SLUICE_CLOSED', () => cluster.retryable(() => begin(cluster)))).toContain('is closed');
    cluster.open();
    expect(await cluster.retryable(() => transaction(cluster, {}))).toBe('default');
  });
});

describe('retryable()', () => {
  it('answers what the work answers', async () => {
    expect(await rig().cluster.retryable(() => Promise.resolve(7))).toBe(7);
  });

  it('keeps the process alive while it waits', async () => {
    const { cluster, clock } = rig();
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const ending = thrownBy(() => cluster.retryable(() => transaction(cluster, { inside: deadlock().error })));
    while (clock.pending === 0) await clock.advance(0);
    expect(timers()).toBe(before + 1);
    await after(clock, ending);
    expect(timers()).toBe(before);
  });

  it.each([
    [Promise.resolve(), 'retryable got an object of class Promise; give a function'],
    [undefined, 'retryable got undefined; give a function'],
  ])('refuses work that is %p', async (work, message) => {
    const given = work as unknown as () => Promise<void>;
    expect(await refusal('SLUICE_CONFIG', () => rig().cluster.retryable(given))).toContain(message);
  });

  it.each([
    [{ retries: -1 }, 'retries of retryable is -1; give a number of at least 0 (default: 3)'],
    [{ retires: 1 }, 'retryable has no option "retires", did you mean "retries"?; allowed are retries'],
  ])('refuses the options %p', async (options, message) => {
    const run = (): Promise<void> => rig().cluster.retryable(() => Promise.resolve(), options as RetryableOptions);
    expect(await refusal('SLUICE_CONFIG', run)).toBe(message);
  });
});
