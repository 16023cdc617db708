import { describe, expect, it } from '@jest/globals';
import { probed } from '../support/probed.js';
import { READ } from '../support/rig.js';

const timedOut = (): Error => Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });

describe('a read that waited in vain for a connection', () => {
  const after = async (ms: number): Promise<string[]> => {
    const { cluster, clock, changes } = probed({ router: { dbForRead: () => 'replica-1' } });
    await clock.advance(1_000);
    await cluster.run(READ, async ({ database }) => {
      if (database.name !== 'replica-1') return;
      await clock.advance(ms);
      throw timedOut();
    });
    cluster.close();
    return changes;
  };

  it('condemns a database that has answered nothing since', async () => {
    expect(await after(0)).toEqual(['replica-1 is down']);
  });

  it('condemns none that has answered a check since', async () => {
    expect(await after(10_000)).toEqual(['replica-1 is suspect']);
  });
});
