import { describe, expect, it } from '@jest/globals';
import type { ObjectRef } from '../../src/router.js';
import { rig } from '../support/rig.js';

const { cluster } = rig({ name: 'shop' });
const of = (name: string | undefined, database?: string): ObjectRef => ({
  model: 'Order',
  instance: {},
  cluster: name,
  database: database === undefined ? undefined : cluster.databases.named(database),
});

describe('two objects may be related', () => {
  it.each([
    ['of two databases of this cluster', of('shop', 'default'), of('shop', 'replica-1'), true],
    ['of two replicas of this cluster', of('shop', 'replica-1'), of('shop', 'replica-2'), true],
    ['of which one is new', of('shop', 'replica-1'), of(undefined), true],
    ['that are both new', of(undefined), of(undefined), true],
    ['of which one is of another cluster', of('shop', 'default'), of('billing'), false],
    ['of which the other is of another cluster', of('billing'), of(undefined), false],
  ])('%s: without an opinion of the routers', (_what, a, b, allowed) => {
    expect(cluster.allowsRelation(a, b)).toBe(allowed);
  });

  it('when a router says so, and not when it says no', () => {
    const yes = rig({
      name: 'shop',
      routers: [{}, { allowRelation: () => true }].map((hooks) => ({ dbForRead: () => undefined, ...hooks })),
    }).cluster;
    const no = rig({ name: 'shop', router: { allowRelation: () => false } }).cluster;
    expect(yes.allowsRelation(of('shop'), of('billing'))).toBe(true);
    expect(no.allowsRelation(of('shop', 'default'), of('shop', 'default'))).toBe(false);
  });

  it('as the router decides that is shown both, and the databases', () => {
    const seen: unknown[] = [];
    const asked = rig({ name: 'shop', router: { allowRelation: (...given) => void seen.push(...given) } }).cluster;
    const [a, b] = [of('shop', 'default'), of(undefined)];
    asked.allowsRelation(a, b);
    expect(seen).toEqual([a, b, asked.databases]);
  });
});
