import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession, usePrimary } from '../../src/scopes.js';
import type { Fault } from '../support/faults.js';
import { always, deadlock, lost, readOnly, refused, scripted } from '../support/faults.js';
import { begin, READ, rig } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';

const TWO = { databases: { 'primary-a': {}, 'primary-b': {}, replica: {} }, router: 'MultiPrimaryRouter' } as const;

describe('a transaction', () => {
  it.each<[string, () => Fault]>([
    ['refuses its connection', refused],
    ['loses the opening statement on the way, which changed nothing', lost],
    ['is read only', readOnly],
  ])('opens on another primary when one %s', async (_what, fault) => {
    const { cluster } = rig(TWO);
    const transactions = scripted(cluster, { 'primary-a': always(fault) });
    for (let index = 0; index < 6; index += 1) {
      const lease = await transactions.begin();
      expect(lease.database.name).toBe('primary-b');
      lease.end('rolled-back');
    }
  });

  it('opens on no replica', async () => {
    const { cluster } = rig();
    const transactions = scripted(cluster, { default: always(refused) });
    expect(await refusal('SLUICE_NO_DATABASE', () => transactions.begin())).toContain('can serve this write');
    expect(transactions.asked).toEqual(['default']);
  });

  it('does not open again after an error of the application', async () => {
    const { cluster } = rig(TWO);
    const transactions = scripted(cluster, { 'primary-a': always(deadlock), 'primary-b': always(deadlock) });
    expect(await thrownBy(() => transactions.begin())).toMatchObject({ errno: 1213 });
    expect(transactions.asked).toHaveLength(1);
  });

  it('holds its lease, and its database is busy, until the lease is ended', async () => {
    const { cluster, clock } = rig();
    const lease = await begin(cluster);
    const { load } = cluster.databases.named('default');
    expect([load.inFlight, lease.kept]).toEqual([1, true]);
    await clock.advance(60_000);
    expect(load.inFlight).toBe(1);
    lease.end('committed');
    expect(load.inFlight).toBe(0);
    lease.end('committed');
    expect(load.inFlight).toBe(0);
  });

  it('holds no lease of a database where it did not open', async () => {
    const { cluster } = rig(TWO);
    const transactions = scripted(cluster, { 'primary-a': always(lost) });
    const leases = [await transactions.begin(), await transactions.begin()];
    expect(cluster.databases.named('primary-a').load.inFlight).toBe(0);
    expect(cluster.databases.named('primary-b').load.inFlight).toBe(2);
    for (const lease of leases) lease.end('committed');
  });

  it('answers what its opening answered', async () => {
    const { cluster } = rig();
    const { opened, lease } = await cluster.begin({ intent: 'write' }, ({ database }) =>
      Promise.resolve(`on ${database.name}`),
    );
    expect(opened).toBe('on default');
    expect(lease.database.name).toBe('default');
  });

  it('that only reads opens on a database chosen as for a read', async () => {
    const { cluster } = rig();
    const databases = new Set<string>();
    for (let index = 0; index < 4; index += 1) databases.add((await begin(cluster, { intent: 'read' })).database.name);
    expect(databases).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('that only reads opens on the primary in usePrimary, and in a session that wrote', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter() });
    expect((await usePrimary(() => begin(cluster, READ))).database.name).toBe('default');
    await runInSession(async () => {
      const writing = await begin(cluster);
      writing.writing();
      writing.changed(1);
      writing.end('committed');
      expect((await begin(cluster, READ)).database.name).toBe('default');
    });
  });
});

describe('a statement that keeps its lease', () => {
  it('holds it past its attempt, as a stream does', async () => {
    const { cluster } = rig();
    const lease = await cluster.run(READ, (given) => {
      given.keep();
      return Promise.resolve(given);
    });
    expect(lease.database.load.inFlight).toBe(1);
    lease.end('committed');
    expect(lease.database.load.inFlight).toBe(0);
  });

  it('loses it when its attempt fails', async () => {
    const { cluster } = rig();
    await thrownBy(() =>
      cluster.run(READ, (given) => {
        given.keep();
        return Promise.reject(new Error('a bug'));
      }),
    );
    expect(cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  });
});
