import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter, PinningRouter } from '../../src/routers/pinning.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { runInSession } from '../../src/scopes.js';
import { lost, scripted } from '../support/faults.js';
import { begin, READ, rig, WRITE, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

describe('the window of a pin', () => {
  const reasonAfter = async (pinSeconds: number, ms: number): Promise<string> => {
    const { cluster, clock } = rig({ router: new PinningReplicaRouter({ pinSeconds }) });
    return runInSession(async () => {
      await write(cluster);
      await clock.advance(ms);
      return cluster.explain(READ).reason;
    });
  };

  it.each([
    [15, 14_999, 'session'],
    [15, 15_000, 'router'],
    [0.5, 499, 'session'],
    [0.5, 500, 'router'],
    [0, 0, 'router'],
  ])('of %d s has after %i ms: %s', async (pinSeconds, ms, reason) => {
    expect(await reasonAfter(pinSeconds, ms)).toBe(reason);
  });

  it('of 0 still holds while a write is under way', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter({ pinSeconds: 0 }) });
    await runInSession(async () => {
      const lease = await begin(cluster);
      lease.writing();
      expect(cluster.explain(READ).reason).toBe('session');
      lease.changed(1);
      lease.end('committed');
      expect(cluster.explain(READ).reason).toBe('router');
    });
  });

  it('is the longest that a router of the chain names', async () => {
    const routers = [
      new PinningRouter(new ReplicaRouter(), { pinSeconds: 30 }),
      new PinningReplicaRouter({ pinSeconds: 1 }),
    ];
    const { cluster, clock } = rig({ routers });
    await runInSession(async () => {
      await write(cluster);
      await clock.advance(29_999);
      expect(cluster.explain(READ).reason).toBe('session');
    });
  });

  it.each([
    ['15 s under a router that does not pin', new ReplicaRouter(), 15_000],
    ['15 s under a router that pins for 0 s', new PinningReplicaRouter({ pinSeconds: 0 }), 15_000],
    ['that of the router that pins', new PinningReplicaRouter({ pinSeconds: 40 }), 40_000],
  ])('of a write whose outcome is not known is %s', async (_what, router, ms) => {
    const { cluster, clock } = rig({ router });
    await runInSession(async (session) => {
      await refusal('SLUICE_OUTCOME_UNKNOWN', () => scripted(cluster, { default: [lost] }).run(WRITE));
      await clock.advance(ms - 1);
      expect(session.pinned()).toBe(true);
      await clock.advance(1);
      expect(session.pinned()).toBe(false);
    });
  });
});
