import { describe, expect, it } from '@jest/globals';
import { lost, scripted } from '../support/faults.js';
import { probed, type Probed } from '../support/probed.js';
import { READ } from '../support/rig.js';
import { turns } from '../support/turns.js';

const NAMES = ['default', 'replica-1'] as const;

/** A cluster whose reads begin on one database, and lose their connection there while its checks are answered. */
async function losing(name: (typeof NAMES)[number]): Promise<Probed & { lose(): Promise<void> }> {
  const given = probed({ router: { dbForRead: () => name } });
  await given.clock.advance(1_000);
  return {
    ...given,
    // the look that follows the first loss of several is answered
    lose: async () => {
      await scripted(given.cluster, { [name]: [lost] }).run(READ);
      await given.clock.advance(100);
      await turns();
    },
  };
}

describe('a replica that answers its checks, and loses the connection of every read', () => {
  it('is down after five of them', async () => {
    const { lose, cluster, changes } = await losing('replica-1');
    for (let times = 1; times < 5; times += 1) await lose();
    expect(changes).not.toContain('replica-1 is down');
    await lose();
    expect(changes).toContain('replica-1 is down');
    cluster.close();
  });

  it('is tried again after longer and longer, and is down after the next one', async () => {
    const { lose, cluster, clock, changes } = await losing('replica-1');
    const downs = (): number => changes.filter((change) => change === 'replica-1 is down').length;
    for (let reads = 0; reads < 1_000; reads += 1) {
      await lose();
      await clock.advance(10);
    }
    // a hundred seconds at one read in a tenth of a second: without growing pauses it would be hundreds
    expect(downs()).toBeGreaterThan(3);
    expect(downs()).toBeLessThan(60);
    cluster.close();
  });

  it('stays where one is served now and then', async () => {
    const { lose, cluster, changes } = await losing('replica-1');
    for (let rounds = 0; rounds < 5; rounds += 1) {
      for (let times = 0; times < 4; times += 1) await lose();
      expect(await scripted(cluster, {}).run(READ)).toBe('replica-1');
    }
    expect(changes).not.toContain('replica-1 is down');
    cluster.close();
  });
});

describe('a primary that answers its checks', () => {
  it('is never down for the connections that reads lose there', async () => {
    const { lose, cluster, changes } = await losing('default');
    for (let times = 0; times < 20; times += 1) await lose();
    expect(changes).not.toContain('default is down');
    cluster.close();
  });
});
