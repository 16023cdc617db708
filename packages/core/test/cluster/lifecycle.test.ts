import { describe, expect, it } from '@jest/globals';
import { Cluster, getReplica } from '../../src/cluster.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { PrimaryReplicaRouter } from '../../src/routers/primary-replica.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { always, lost, refused, scripted } from '../support/faults.js';
import { begin, READ, read, rig, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';
import { gate } from '../support/turns.js';

describe('a closed cluster', () => {
  it('refuses every statement, and says what to do', async () => {
    const { cluster } = rig({ name: 'shop' });
    cluster.close();
    for (const work of [() => read(cluster), () => write(cluster), () => begin(cluster), () => cluster.explain(READ)]) {
      expect(await refusal('SLUICE_CLOSED', work)).toBe('cluster shop is closed; open it again first');
    }
  });

  it('rejects rather than throws', () => {
    const { cluster } = rig();
    cluster.close();
    return expect(read(cluster)).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
  });

  it('lets a statement end that is under way, and repeats it no more', async () => {
    const { cluster } = rig();
    const [ending, failing] = [gate(), gate()];
    const ends = cluster.run(READ, async (lease) => {
      await ending.opened;
      return lease.database.role;
    });
    const fails = cluster.run(READ, async (lease) => {
      lease.sending();
      await failing.opened;
      throw lost().error;
    });
    cluster.close();
    ending.open();
    failing.open();
    expect(await ends).toBe('replica');
    expect(await refusal('SLUICE_CLOSED', () => fails)).toContain('closed');
  });

  it('serves again once it is opened', async () => {
    const { cluster } = rig();
    cluster.close();
    cluster.open();
    expect(await read(cluster)).toMatch(/^replica/);
  });

  it('leaves no timer', async () => {
    const { cluster, clock } = rig({ probe: 'tcp' });
    await scripted(cluster, { 'replica-1': [refused], 'replica-2': [refused] }).run(READ);
    expect(clock.pending).toBe(3);
    cluster.close();
    expect(clock.pending).toBe(0);
  });
});

describe('a cluster', () => {
  it('serves before it is opened, and checks nothing yet', async () => {
    const clock = new ManualClock();
    const cluster = new Cluster(
      { engine: 'mysql', databases: { default: {}, replica: {} }, clock },
      { address: () => ({ host: 'localhost', port: 1 }), discard: () => {} },
    );
    expect(await read(cluster)).toBe('replica');
    expect(clock.pending).toBe(0);
  });

  it('has the name, the engine and the databases it was given', () => {
    const { cluster } = rig({ name: 'shop', engine: 'postgres' });
    expect([cluster.name, cluster.engine]).toEqual(['shop', 'postgres']);
    expect(cluster.databases.all.map(({ name, role }) => [name, role])).toEqual([
      ['default', 'primary'],
      ['replica-1', 'replica'],
      ['replica-2', 'replica'],
    ]);
  });

  it('is named default unless told otherwise', () => {
    expect(rig().cluster.name).toBe('default');
  });

  it('reads with PinningReplicaRouter unless told otherwise', () => {
    const cluster = new Cluster(
      { engine: 'mysql', databases: { default: {}, replica: {} } },
      { address: () => undefined, discard: () => {} },
    );
    expect(cluster.explain(READ).cause).toBe('PinningReplicaRouter');
  });
});

describe('getReplica()', () => {
  it('answers the replicas in turn under a router that does', () => {
    const { cluster } = rig();
    const names = [getReplica(cluster), getReplica(cluster), getReplica(cluster)];
    expect(new Set(names)).toEqual(new Set(['replica-1', 'replica-2']));
    expect(names[2]).toBe(names[0]);
  });

  it('chooses as the router does, among replicas only', () => {
    const { cluster } = rig({ router: new PrimaryReplicaRouter({ select: (databases) => databases[0] }) });
    expect([getReplica(cluster), getReplica(cluster)]).toEqual(['replica-1', 'replica-1']);
  });

  it('chooses as the router inside a pinning one does', () => {
    const router = new PinningReplicaRouter({ select: (databases) => databases[0] });
    const { cluster } = rig({ router });
    expect([getReplica(cluster), getReplica(cluster)]).toEqual(['replica-1', 'replica-1']);
  });

  it('answers the replicas in turn under a router without a strategy', () => {
    const { cluster } = rig({ router: 'FailoverRouter' });
    expect(new Set([getReplica(cluster), getReplica(cluster)])).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('answers no replica that is down', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { 'replica-1': always(refused) });
    while (cluster.databases.named('replica-1').health === 'up') await run(READ);
    expect([getReplica(cluster), getReplica(cluster)]).toEqual(['replica-2', 'replica-2']);
  });

  it('answers default where there is no replica, or none that is up', async () => {
    expect(getReplica(rig({ databases: { default: {} } }).cluster)).toBe('default');
    const { cluster } = rig();
    await scripted(cluster, { 'replica-1': always(refused), 'replica-2': always(refused) }).run(READ);
    expect(getReplica(cluster)).toBe('default');
  });
});
