import { describe, expect, it } from '@jest/globals';
import type { RouteRequest } from '../../src/router.js';
import { Router } from '../../src/router.js';
import { useDatabase, usePrimary, useReplica } from '../../src/scopes.js';
import { always, lost, refused, scripted } from '../support/faults.js';
import { READ, read, reads, rig, WRITE } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

describe('useReplica', () => {
  it('leaves the choice among the replicas to the router', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    expect(new Set(await useReplica(() => reads(cluster, 4)))).toEqual(new Set(['replica-1', 'replica-2']));
    const { cluster: mixed } = rig({ router: 'MasterSlave' });
    expect(new Set(await useReplica(() => reads(mixed, 60)))).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('takes a replica also where the router answers the primary', async () => {
    const { cluster } = rig({ router: { dbForRead: () => 'default' } });
    expect(await useReplica(() => read(cluster))).toBe('replica-1');
  });

  it('takes the primary where no replica is left', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter', databases: { default: {} } });
    expect(await useReplica(() => read(cluster))).toBe('default');
    const broken = rig({ router: 'ReplicaRouter' }).cluster;
    const { run } = scripted(broken, { 'replica-1': always(refused), 'replica-2': always(refused) });
    expect(await useReplica(() => run(READ))).toBe('default');
  });

  it('refuses a write before it is sent, and says where to put it', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const { run, asked } = scripted(cluster, {});
    expect(await refusal('SLUICE_REPLICA_WRITE', () => useReplica(() => run(WRITE)))).toMatch(
      /^a write inside useReplica was refused before it was sent; move it out.*, or put it into usePrimary$/,
    );
    expect(asked).toEqual([]);
  });

  it('refuses a transaction for writes', async () => {
    const { begin } = scripted(rig().cluster, {});
    expect(await refusal('SLUICE_REPLICA_WRITE', () => useReplica(() => begin()))).toContain('useReplica');
  });
});

describe('useDatabase', () => {
  it('takes exactly that database, whatever the router says', async () => {
    const { cluster } = rig({ router: { dbForRead: () => 'default', dbForWrite: () => 'default' } });
    expect(await useDatabase('replica-2', () => reads(cluster, 3))).toEqual(['replica-2', 'replica-2', 'replica-2']);
  });

  it('does not fail over', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const { run, asked } = scripted(cluster, { 'replica-1': always(refused) });
    await refusal('SLUICE_NO_DATABASE', () => useDatabase('replica-1', () => run(READ)));
    expect(asked).toEqual(['replica-1']);
  });

  it('takes a database that is down', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const { run, asked } = scripted(cluster, { 'replica-1': [refused] });
    await refusal('SLUICE_NO_DATABASE', () => useDatabase('replica-1', () => run(READ)));
    expect(cluster.databases.named('replica-1').health).toBe('down');
    expect(await useDatabase('replica-1', () => run(READ))).toBe('replica-1');
    expect(asked).toEqual(['replica-1', 'replica-1']);
  });

  it('sends a lost read once more to the same database', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const { run, asked } = scripted(cluster, { 'replica-1': [lost] });
    expect(await useDatabase('replica-1', () => run(READ))).toBe('replica-1');
    expect(asked).toEqual(['replica-1', 'replica-1']);
  });

  it('writes to a primary', async () => {
    const { run } = scripted(rig({ databases: { default: {}, 'primary-b': {} } }).cluster, {});
    expect(await useDatabase('primary-b', () => run(WRITE))).toBe('primary-b');
  });

  it('refuses a write to a replica before it is sent', async () => {
    const { run, asked } = scripted(rig().cluster, {});
    expect(await refusal('SLUICE_REPLICA_WRITE', () => useDatabase('replica-1', () => run(WRITE)))).toMatch(
      /^a write inside useDatabase\("replica-1"\) was refused before it was sent; /,
    );
    expect(asked).toEqual([]);
  });

  it('refuses a name that no database has, at the first statement', async () => {
    const { cluster } = rig();
    useDatabase('replica-9', () => 'no statement');
    expect(await refusal('SLUICE_UNKNOWN_DATABASE', () => useDatabase('replica-9', () => read(cluster)))).toBe(
      'no database is named "replica-9"; this cluster has default, replica-1, replica-2',
    );
  });
});

describe('usePrimary', () => {
  it('reads where a write of the same model would go', async () => {
    class ByModel extends Router {
      override dbForWrite({ model }: RouteRequest): string | undefined {
        return model === 'Audit' ? 'primary-b' : undefined;
      }
    }
    const { cluster } = rig({ databases: { default: {}, 'primary-b': {}, replica: {} }, router: new ByModel() });
    expect(await usePrimary(() => read(cluster, { model: 'Audit' }))).toBe('primary-b');
    expect(await usePrimary(() => read(cluster, { model: 'Order' }))).toBe('default');
  });

  it('fails rather than read from a replica, when no primary is left', async () => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, { default: always(refused) });
    expect(await refusal('SLUICE_NO_DATABASE', () => usePrimary(() => run(READ)))).toContain('default is down');
    expect(asked).toEqual(['default']);
  });

  it('reads from another primary that the router offers while one is down', async () => {
    const { cluster } = rig({
      databases: { 'primary-a': {}, 'primary-b': {}, replica: {} },
      router: 'MultiPrimaryRouter',
    });
    const { run } = scripted(cluster, { 'primary-a': always(refused) });
    for (let index = 0; index < 10; index += 1) expect(await usePrimary(() => run(READ))).toBe('primary-b');
  });
});
