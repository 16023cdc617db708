import { beforeEach, describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { runInSession, withoutPinning } from '../../src/scopes.js';
import type { Session } from '../../src/session.js';
import { lost, refused, scripted } from '../support/faults.js';
import type { Rig } from '../support/rig.js';
import { begin, READ, read, rig, WRITE, write } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { gate } from '../support/turns.js';

describe('a session under a pinning router', () => {
  let cluster: Rig['cluster'];
  let clock: Rig['clock'];
  const reason = (): string => cluster.explain(READ).reason;
  const inSession = <T>(work: (session: Session) => T): Promise<Awaited<T>> => runInSession(work);

  beforeEach(() => {
    ({ cluster, clock } = rig({ router: new PinningReplicaRouter({ pinSeconds: 2 }) }));
  });

  it('is not pinned before it writes', async () => {
    await inSession(async (session) => {
      await read(cluster);
      expect(session.pinned()).toBe(false);
      expect(reason()).toBe('router');
    });
  });

  it('is pinned by a write for its window, to the millisecond', async () => {
    await inSession(async (session) => {
      await write(cluster);
      await clock.advance(1_999);
      expect(session.pinned()).toBe(true);
      expect(reason()).toBe('session');
      await clock.advance(1);
      expect(session.pinned()).toBe(false);
      expect(reason()).toBe('router');
    });
  });

  it('is pinned while a write is under way, however long that takes', async () => {
    await inSession(async (session) => {
      const { opened, open } = gate();
      const writing = cluster.run(WRITE, async (lease) => {
        lease.writing();
        await opened;
        lease.changed(1);
      });
      await clock.advance(60_000);
      expect(session.pinned()).toBe(true);
      expect(reason()).toBe('session');
      open();
      await writing;
    });
  });

  it('is not pinned by a write that was chosen a database but not sent yet', async () => {
    await inSession(async (session) => {
      const { opened, open } = gate();
      const writing = cluster.run(WRITE, () => opened);
      expect(session.pinned()).toBe(false);
      open();
      await writing;
    });
  });

  it('is pinned for the whole window from the commit, so that a long transaction does not eat it', async () => {
    await inSession(async () => {
      const lease = await begin(cluster);
      lease.writing();
      lease.changed(3);
      await clock.advance(60_000);
      lease.end('committed');
      await clock.advance(1_999);
      expect(reason()).toBe('session');
      await clock.advance(1);
      expect(reason()).toBe('router');
    });
  });

  it('is not pinned by a transaction that was rolled back, once that has ended', async () => {
    await inSession(async (session) => {
      const lease = await begin(cluster);
      lease.writing();
      lease.changed(3);
      expect(session.pinned()).toBe(true);
      lease.end('rolled-back');
      expect(session.pinned()).toBe(false);
      expect(session.wrote()).toBe(false);
      expect(reason()).toBe('router');
    });
  });

  it.each([
    [
      'that failed',
      async () =>
        await thrownBy(() => cluster.run(WRITE, (lease) => Promise.reject((lease.writing(), new Error('a bug'))))),
    ],
    ['that changed no rows', () => write(cluster, {}, 0)],
    ['inside withoutPinning', () => withoutPinning(() => write(cluster))],
  ])('is not pinned by a write %s', async (_what, work) => {
    await inSession(async (session) => {
      await work();
      expect(session.pinned()).toBe(false);
      expect(session.wrote()).toBe(false);
      expect(reason()).toBe('router');
    });
  });

  it('is pinned by a write of which nobody knows how many rows it changed', async () => {
    await inSession(async (session) => {
      await cluster.run(WRITE, (lease) => {
        lease.writing();
        lease.changed(undefined);
        return Promise.resolve();
      });
      expect(session.pinned()).toBe(true);
    });
  });

  it('is pinned by a transaction of which one write changed rows and another none', async () => {
    await inSession(async (session) => {
      const lease = await begin(cluster);
      lease.writing();
      lease.changed(1);
      lease.writing();
      lease.changed(0);
      lease.end('committed');
      expect(session.pinned()).toBe(true);
    });
  });

  it('is pinned by a transaction of which one write was not to pin and another was', async () => {
    await inSession(async (session) => {
      const lease = await begin(cluster);
      withoutPinning(() => lease.writing());
      expect(session.pinned()).toBe(false);
      lease.writing();
      lease.changed(1);
      expect(session.pinned()).toBe(true);
      lease.end('committed');
      await clock.advance(1_999);
      expect(session.pinned()).toBe(true);
    });
  });

  it('is not pinned by a transaction that only read', async () => {
    await inSession(async (session) => {
      const lease = await begin(cluster);
      lease.end('committed');
      expect(session.pinned()).toBe(false);
    });
  });

  it('is pinned by a write after withoutPinning has ended', async () => {
    await inSession(async (session) => {
      await withoutPinning(() => write(cluster));
      await write(cluster);
      expect(session.pinned()).toBe(true);
    });
  });

  it('keeps the pin of an earlier write when a later one leaves none', async () => {
    await inSession(async () => {
      await write(cluster);
      await clock.advance(1_000);
      const lease = await begin(cluster);
      lease.writing();
      lease.changed(1);
      lease.end('rolled-back');
      await write(cluster, {}, 0);
      await withoutPinning(() => write(cluster));
      await clock.advance(999);
      expect(reason()).toBe('session');
      await clock.advance(1);
      expect(reason()).toBe('router');
    });
  });

  it('stays pinned by a write under way when another, which was not to pin, has ended', async () => {
    await inSession(async (session) => {
      const lease = await begin(cluster);
      lease.writing();
      await withoutPinning(() => write(cluster));
      expect(session.pinned()).toBe(true);
      lease.end('rolled-back');
      expect(session.pinned()).toBe(false);
    });
  });

  it('is pinned until the last of several writes under way has ended', async () => {
    await inSession(async (session) => {
      const leases = [await begin(cluster), await begin(cluster)];
      for (const lease of leases) lease.writing();
      leases[0]?.end('rolled-back');
      expect(session.pinned()).toBe(true);
      leases[1]?.end('rolled-back');
      leases[1]?.end('committed');
      expect(session.pinned()).toBe(false);
    });
  });

  it('fails rather than read what may be stale, when no primary is left', async () => {
    await inSession(async () => {
      await write(cluster);
      const { run, asked } = scripted(cluster, { default: [refused] });
      expect(await refusal('SLUICE_NO_DATABASE', () => run(READ))).toContain('default is down');
      expect(asked).toEqual(['default']);
    });
  });

  it('is pinned when the outcome of a write is not known', async () => {
    await inSession(async (session) => {
      const { run } = scripted(cluster, { default: [lost] });
      expect(await refusal('SLUICE_OUTCOME_UNKNOWN', () => run(WRITE))).toContain('default');
      expect(session.pinned()).toBe(true);
      expect(session.wrote()).toBe(true);
    });
  });
});

describe('under a router that does not pin', () => {
  it('a session that wrote reads from replicas', async () => {
    const { cluster } = rig({ router: new ReplicaRouter() });
    await runInSession(async (session) => {
      await write(cluster);
      expect([session.wrote(), session.pinned()]).toEqual([true, false]);
      expect(await read(cluster)).toMatch(/^replica/);
    });
  });
});
