import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../src/cluster.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { probed, REPLICA } from '../support/probed.js';
import { begin, READ, rig } from '../support/rig.js';
import { line } from '../support/servers.js';

/** A clock of a process that is busy: time passes, and none of it is spent waiting. */
class BusyClock extends ManualClock {
  override waited(): number {
    return 0;
  }
}

const costMs = (cluster: Cluster, name: string, clock: ManualClock): number =>
  cluster.databases.named(name).load.costMs(clock.now());

describe('how slow a database is', () => {
  const readOf = (cluster: Cluster, clock: ManualClock, ms: number): Promise<void> =>
    cluster.run(READ, async (lease) => {
      lease.sending();
      await clock.advance(ms);
    });

  it('is told by how long its answers were waited for', async () => {
    const { cluster, clock } = rig({ router: { dbForRead: () => 'replica-1' } });
    await readOf(cluster, clock, 40);
    expect(costMs(cluster, 'replica-1', clock)).toBe(40);
  });

  it('is not told by how long this process was busy', async () => {
    const clock = new BusyClock();
    const { cluster } = rig({ router: { dbForRead: () => 'replica-1' }, clock });
    await readOf(cluster, clock, 40);
    expect(costMs(cluster, 'replica-1', clock)).toBe(0);
  });

  it('is not told by what a transaction does besides', async () => {
    const { cluster, clock } = rig();
    const lease = await begin(cluster);
    await clock.advance(5_000);
    lease.end('committed');
    expect(costMs(cluster, 'default', clock)).toBe(0);
  });

  it('is told by its checks, too, but not by the one that opens a connection', async () => {
    const clock = new ManualClock();
    const slow = (): Promise<typeof REPLICA> => new Promise((answer) => clock.after(40, () => answer(REPLICA)));
    const { cluster } = probed({ clock }, { reserve: async () => line(slow) });
    while (costMs(cluster, 'replica-1', clock) === 0) await clock.advance(10);
    const asked = clock.now();
    expect(asked).toBeGreaterThan(2 * 0.75 * 350);
    expect(costMs(cluster, 'replica-1', clock)).toBeCloseTo(40, 0);
    // it never looks quicker than its checks are
    await clock.advance(10_000);
    expect(costMs(cluster, 'replica-1', clock)).toBeGreaterThan(40 * Math.exp(-0.5));
  });
});
