import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession } from '../../src/scopes.js';
import type { Rig } from '../support/rig.js';
import { READ, rig, write } from '../support/rig.js';

const named = (name: string): Rig => rig({ name, router: new PinningReplicaRouter() });
const reason = ({ cluster }: Rig): string => cluster.explain(READ).reason;

describe('a write to one cluster', () => {
  it('moves no reads of another', async () => {
    const [shop, billing] = [named('shop'), named('billing')];
    await runInSession(async (session) => {
      await write(shop.cluster);
      expect([reason(shop), reason(billing)]).toEqual(['session', 'router']);
      expect([session.pinned('shop'), session.pinned('billing'), session.pinned()]).toEqual([true, false, true]);
      expect([session.wrote('shop'), session.wrote('billing'), session.wrote()]).toEqual([true, false, true]);
      expect([shop.cluster.sessionWrote(), billing.cluster.sessionWrote()]).toEqual([true, false]);
    });
  });

  it('moves no reads of another cluster of the same name', async () => {
    const [one, other] = [named('default'), named('default')];
    await runInSession(async () => {
      await write(one.cluster);
      expect([reason(one), reason(other)]).toEqual(['session', 'router']);
    });
  });

  it('ends its pin by the clock of that cluster', async () => {
    const [shop, billing] = [named('shop'), named('billing')];
    await runInSession(async () => {
      await write(shop.cluster);
      await write(billing.cluster);
      await shop.clock.advance(15_000);
      expect([reason(shop), reason(billing)]).toEqual(['router', 'session']);
    });
  });
});

describe('a session', () => {
  it('knows the primary it last wrote to, by cluster', async () => {
    const shop = rig({ name: 'shop', databases: { main: { role: 'primary' }, replica: {} } });
    const billing = named('billing');
    await runInSession(async (session) => {
      expect(session.primary()).toBeUndefined();
      await write(shop.cluster);
      await write(billing.cluster);
      expect(session.primary('shop')).toBe('main');
      expect(session.primary('billing')).toBe('default');
      expect(session.primary('nothing')).toBeUndefined();
      expect(session.primary()).toBe('main');
    });
  });

  it('is not what a cluster sees outside of it', async () => {
    const { cluster } = named('shop');
    await runInSession(() => write(cluster));
    expect(cluster.sessionWrote()).toBe(false);
  });
});
