import { describe, expect, it } from '@jest/globals';
import { runInSession, usePrimary } from '../../src/scopes.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { read, rig, write } from '../support/rig.js';
import { turns } from '../support/turns.js';

describe('200 flows at once, with awaits of any length between their statements', () => {
  it('never read from where another flow reads', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter() });
    const chance = new ManualClock(11);
    const wait = (): Promise<void> => turns(Math.floor(chance.random() * 4));
    const flow = (pinned: boolean): Promise<string[]> =>
      runInSession(async () => {
        const served: string[] = [];
        await wait();
        if (pinned) await write(cluster);
        for (let statement = 0; statement < 10; statement += 1) {
          await wait();
          served.push(await read(cluster));
        }
        return served;
      });
    const flows = await Promise.all(Array.from({ length: 200 }, (_, index) => flow(index % 2 === 0)));
    for (const [index, served] of flows.entries()) {
      const classes = new Set(served.map((name) => name.replace(/-\d$/, '')));
      expect(classes).toEqual(new Set([index % 2 === 0 ? 'default' : 'replica']));
    }
  });

  it('hold their scopes without sessions, too', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const chance = new ManualClock(12);
    const flow = async (): Promise<string[]> => {
      const served: string[] = [];
      for (let statement = 0; statement < 10; statement += 1) {
        await turns(Math.floor(chance.random() * 4));
        served.push(await read(cluster));
      }
      return served;
    };
    const flows = await Promise.all(
      Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? usePrimary(flow) : flow())),
    );
    for (const [index, served] of flows.entries()) {
      expect(served.filter((name) => name === 'default')).toHaveLength(index % 2 === 0 ? 10 : 0);
    }
  });
});

describe('a task started in a scope', () => {
  it('stays in it after the scope has ended, and nobody else does', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    let late: Promise<string> | undefined;
    usePrimary(() => {
      late = turns(3).then(() => read(cluster));
    });
    expect(await read(cluster)).toMatch(/^replica/);
    expect(await late).toBe('default');
  });
});
