import { describe, expect, it } from '@jest/globals';
import { runInSession, useDatabase, usePrimary, useReplica, withHints, withoutPinning } from '../../src/scopes.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import type { Rig } from '../support/rig.js';
import { rig, write } from '../support/rig.js';

const named = (name: string): Rig['cluster'] => rig({ name, router: new PinningReplicaRouter() }).cluster;
const shop = named('shop');
const billing = named('billing');
const where = (cluster: Rig['cluster']): string => cluster.explain({ intent: 'read' }).cause;
const both = (): [string, string] => [where(shop), where(billing)];
const ROUTER = 'PinningReplicaRouter';

describe('a scope with { cluster }', () => {
  it.each([
    ['usePrimary', () => usePrimary(both, { cluster: 'shop' })],
    ['useReplica', () => useReplica(both, { cluster: 'shop' })],
    ['useDatabase', () => useDatabase('replica-1', both, { cluster: 'shop' })],
  ])('holds for that cluster only: %s', (scope, work) => {
    expect(work()).toEqual([scope, ROUTER]);
  });

  it('holds for every cluster without it', () => {
    expect(usePrimary(both)).toEqual(['usePrimary', 'usePrimary']);
    expect(useReplica(both, {})).toEqual(['useReplica', 'useReplica']);
  });

  it('gives way to a scope inside it that holds for every cluster, and comes back', () => {
    usePrimary(
      () => {
        expect(useReplica(both)).toEqual(['useReplica', 'useReplica']);
        expect(both()).toEqual(['usePrimary', ROUTER]);
      },
      { cluster: 'shop' },
    );
  });

  it('overrides an outer one for its cluster only', () => {
    expect(usePrimary(() => useReplica(both, { cluster: 'billing' }))).toEqual(['usePrimary', 'useReplica']);
  });

  it('may stand beside one for another cluster', () => {
    const seen = usePrimary(() => useReplica(both, { cluster: 'billing' }), { cluster: 'shop' });
    expect(seen).toEqual(['usePrimary', 'useReplica']);
  });

  it('keeps the writes of that cluster from pinning: withoutPinning', async () => {
    await runInSession(async () => {
      await withoutPinning(
        async () => {
          await write(shop);
          await write(billing);
        },
        { cluster: 'shop' },
      );
      expect(both()).toEqual([ROUTER, 'the session wrote']);
    });
  });

  it('gives hints to the routers of that cluster: withHints', () => {
    const seen: unknown[] = [];
    const asking = (name: string): Rig['cluster'] =>
      rig({ name, router: { dbForRead: ({ hints }) => void seen.push(hints) } }).cluster;
    const [first, second] = [asking('shop'), asking('billing')];
    withHints({ a: 1 }, () => {
      withHints(
        { b: 2 },
        () => {
          first.explain({ intent: 'read' });
          second.explain({ intent: 'read' });
        },
        { cluster: 'shop' },
      );
    });
    expect(seen).toEqual([{ a: 1, b: 2 }, { a: 1 }]);
  });
});
