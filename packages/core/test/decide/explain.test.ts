import { describe, expect, it } from '@jest/globals';
import type { ClusterEvents } from '../../src/events.js';
import type { StatementInfo } from '../../src/request.js';
import { runInSession, useDatabase, usePrimary, useReplica } from '../../src/scopes.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { begin, rig, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

type Around = <T>(work: () => T) => T;
const plain: Around = (work) => work();

describe('explain()', () => {
  it.each<[string, Around, StatementInfo]>([
    ['a plain read', plain, { intent: 'read' }],
    ['a write', plain, { intent: 'write' }],
    ['a raw read', plain, { intent: 'read', home: 'raw' }],
    ['what any database may answer', plain, { intent: 'read', home: 'anywhere' }],
    ['a read in usePrimary', usePrimary, { intent: 'read' }],
    ['a write in usePrimary', usePrimary, { intent: 'write' }],
    ['a read in useReplica', useReplica, { intent: 'read' }],
    ['a read in useDatabase', (work) => useDatabase('replica-1', work), { intent: 'read' }],
    ['a flush', plain, { intent: 'write', writes: ['Order', 'Line'] }],
  ])('predicts the route of %s, in a session that wrote and in one that did not', async (_what, around, info) => {
    const { cluster } = rig({ router: new PinningReplicaRouter({ select: (databases) => databases.at(-1)! }) });
    const seen: ClusterEvents['route'][] = [];
    cluster.on('route', (event) => seen.push(event));
    const check = async (): Promise<void> => {
      const { database, reason, cause } = around(() => cluster.explain(info));
      await around(() => cluster.run(info, () => Promise.resolve()));
      expect(seen.at(-1)).toEqual({
        cluster: 'default',
        database: database.name,
        role: database.role,
        intent: info.intent,
        reason,
        cause,
      });
    };
    await runInSession(async () => {
      await check();
      await write(cluster);
      await check();
    });
  });

  it('runs nothing, and changes nothing', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter() });
    await runInSession((session) => {
      cluster.explain({ intent: 'write' });
      expect(session.wrote()).toBe(false);
      expect(session.pinned()).toBe(false);
    });
    expect(cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  });

  it('throws what the statement would', async () => {
    const { cluster } = rig();
    expect(
      await refusal('SLUICE_REPLICA_WRITE', () => useReplica(() => cluster.explain({ intent: 'write' }))),
    ).toContain('useReplica');
    expect(
      await refusal('SLUICE_UNKNOWN_DATABASE', () => useDatabase('x', () => cluster.explain({ intent: 'read' }))),
    ).toContain('"x"');
    cluster.close();
    expect(await refusal('SLUICE_CLOSED', () => cluster.explain({ intent: 'read' }))).toContain('closed');
  });

  it('says which databases a statement was tried on, which is none', () => {
    expect(rig().cluster.explain({ intent: 'read' }).considered).toEqual([]);
  });

  it('tells which databases failed the statement before, in the lease of the attempt', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const considered: (readonly string[])[] = [];
    await cluster.run({ intent: 'read' }, (lease) => {
      considered.push(lease.route.considered);
      if (lease.database.role === 'primary') return Promise.resolve();
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    });
    expect(considered.map(({ length }) => length)).toEqual([0, 1, 2]);
    expect([...(considered[2] ?? [])].toSorted()).toEqual(['replica-1', 'replica-2']);
  });

  it('takes the frame that comes with a statement for the one around the call', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const lease = await usePrimary(() => begin(cluster));
    const { placement } = lease.held;
    const frame = { session: undefined, unpinned: undefined, hints: undefined, placement };
    expect(useReplica(() => cluster.explain({ intent: 'read', frame })).cause).toBe('usePrimary');
  });
});
