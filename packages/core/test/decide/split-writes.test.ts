import { describe, expect, it } from '@jest/globals';
import type { RouteRequest } from '../../src/router.js';
import { Router } from '../../src/router.js';
import { useDatabase } from '../../src/scopes.js';
import { scripted } from '../support/faults.js';
import type { Rig } from '../support/rig.js';
import { begin, rig, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

class Audit {}
class Order {}

/** Audits live on a primary of their own. */
class ByModel extends Router {
  override dbForWrite({ model }: RouteRequest): string | undefined {
    return model === Audit || model === 'Audit' ? 'primary-b' : undefined;
  }
}
const several = (router: Router = new ByModel()): Rig['cluster'] =>
  rig({ databases: { default: {}, 'primary-b': {}, replica: {} }, router }).cluster;

describe('one flush', () => {
  it('goes to the primary that the routers name for all of its entities', async () => {
    expect(await write(several(), { writes: [Audit, 'Audit'] })).toBe('primary-b');
    expect(await write(several(), { writes: [Order, 'Line'] })).toBe('default');
  });

  it.each([
    [
      'an entity of its own primary first',
      [Audit, Order],
      'Audit is written on primary-b, but the routers send Order to default',
    ],
    [
      'an entity of its own primary last',
      [Order, 'Line', 'Audit'],
      'Order is written on default, but the routers send Audit to primary-b',
    ],
  ])('that would need two primaries is refused before anything is sent: %s', async (_what, writes, message) => {
    const { run, asked } = scripted(several(), {});
    expect(await refusal('SLUICE_SPLIT_WRITE', () => run({ intent: 'write', writes }))).toBe(
      `${message}; write them in separate transactions`,
    );
    expect(asked).toEqual([]);
  });

  it('goes where useDatabase says, whatever the routers would', async () => {
    expect(await useDatabase('primary-b', () => write(several(), { writes: [Audit, Order] }))).toBe('primary-b');
  });

  it('keeps to one primary under a router that spreads its writes', async () => {
    const cluster = rig({ databases: { 'primary-a': {}, 'primary-b': {} }, router: 'MultiPrimaryRouter' }).cluster;
    for (let index = 0; index < 30; index += 1) await write(cluster, { writes: ['A', 'B', 'C', 'D'] });
    expect(cluster.databases.all.every(({ load }) => load.inFlight === 0)).toBe(true);
  });
});

describe('a write inside a transaction', () => {
  it('is refused when the routers send it to another primary', async () => {
    const cluster = several();
    const lease = await begin(cluster, { model: Order });
    expect(lease.database.name).toBe('default');
    expect(await refusal('SLUICE_SPLIT_WRITE', () => cluster.confine({ intent: 'write', model: Audit }, lease))).toBe(
      'the transaction is on default, but the routers send Audit to primary-b; write them in separate transactions',
    );
    expect(
      await refusal('SLUICE_SPLIT_WRITE', () => cluster.confine({ intent: 'write', writes: [Order, 'Audit'] }, lease)),
    ).toContain('send Audit to primary-b');
  });

  it('is allowed when the routers send it there, or have no opinion', async () => {
    const cluster = several();
    const lease = await begin(cluster, { model: Audit });
    cluster.confine({ intent: 'write', model: Audit }, lease);
    cluster.confine({ intent: 'write', model: Order }, lease);
    cluster.confine({ intent: 'write' }, lease);
    expect(lease.database.name).toBe('primary-b');
  });

  it('is allowed under a router that spreads its writes, whichever primary the transaction has', async () => {
    const cluster = rig({ databases: { 'primary-a': {}, 'primary-b': {} }, router: 'MultiPrimaryRouter' }).cluster;
    for (let index = 0; index < 20; index += 1) {
      const lease = await begin(cluster);
      cluster.confine({ intent: 'write', model: Order }, lease);
      expect(lease.database.role).toBe('primary');
    }
  });

  it('is allowed inside useDatabase, whatever the routers say', async () => {
    const cluster = several();
    await useDatabase('default', async () => {
      const lease = await begin(cluster);
      cluster.confine({ intent: 'write', model: Audit }, lease);
      expect(lease.database.name).toBe('default');
    });
  });

  it('is refused in a transaction that reads from a replica', async () => {
    const cluster = rig({ router: 'ReplicaRouter' }).cluster;
    const lease = await begin(cluster, { intent: 'read' });
    expect(lease.database.role).toBe('replica');
    expect(await refusal('SLUICE_REPLICA_WRITE', () => cluster.confine({ intent: 'write' }, lease))).toContain(
      `a write inside a read-only transaction on ${lease.database.name} was refused before it was sent`,
    );
  });
});
