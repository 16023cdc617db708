import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { currentSession, runInSession, usePrimary } from '../../src/scopes.js';
import type { Session } from '../../src/session.js';
import { begin, read, rig, write } from '../support/rig.js';
import { thrownBy } from '../support/thrown.js';
import { turns } from '../support/turns.js';

const pinning = (): ReturnType<typeof rig> => rig({ router: new PinningReplicaRouter() });

describe('runInSession', () => {
  it('gives its work the session around it', async () => {
    await runInSession(async (session) => {
      expect(currentSession()).toBe(session);
      await turns();
      expect(currentSession()).toBe(session);
    });
    expect(currentSession()).toBeUndefined();
  });

  it('answers what its work answers, which may be sync', async () => {
    expect(await runInSession(() => 7)).toBe(7);
    expect(await runInSession(async () => Promise.resolve('later'))).toBe('later');
  });

  it.each([
    ['returns', () => Promise.resolve()],
    [
      'throws',
      () => {
        throw new Error('at once');
      },
    ],
    ['rejects', () => Promise.reject(new Error('later'))],
  ])('closes the session when its work %s', async (_how, work) => {
    let session: Session | undefined;
    const ended = runInSession((given) => {
      session = given;
      return work();
    });
    await Promise.allSettled([ended]);
    expect(session?.closed).toBe(true);
  });

  it('keeps the session open until its work has ended', async () => {
    await runInSession(async (session) => {
      await turns(3);
      expect(session.closed).toBe(false);
    });
  });

  it('rejects with what its work throws', async () => {
    const bug = new Error('a bug');
    expect(
      await thrownBy(() =>
        runInSession(() => {
          throw bug;
        }),
      ),
    ).toBe(bug);
  });

  it('opens a session of its own inside another, and leaves the outer as it was', async () => {
    const { cluster } = pinning();
    await runInSession(async (outer) => {
      await runInSession(async (inner) => {
        expect(inner).not.toBe(outer);
        await write(cluster);
        expect(inner.pinned()).toBe(true);
      });
      expect(currentSession()).toBe(outer);
      expect(outer.pinned()).toBe(false);
    });
  });

  it('keeps the scope around it', async () => {
    const { cluster } = pinning();
    expect(await usePrimary(() => runInSession(() => read(cluster)))).toBe('default');
  });
});

describe('when a session has ended', () => {
  it('the next one starts unpinned', async () => {
    const { cluster } = pinning();
    await runInSession(() => write(cluster));
    await runInSession(async (session) => {
      expect(session.pinned()).toBe(false);
      expect(await read(cluster)).toMatch(/^replica/);
    });
  });

  it('a callback left behind is not pinned, and cannot pin anything', async () => {
    const { cluster } = pinning();
    let late: Promise<unknown[]> | undefined;
    let ended: Session | undefined;
    await runInSession(async (session) => {
      ended = session;
      await write(cluster);
      late = turns(2).then(async () => [await read(cluster), await write(cluster), await read(cluster)]);
    });
    const next = await runInSession(async () => {
      const served = await late;
      return [served, await read(cluster)];
    });
    expect(next).toEqual([
      [expect.stringMatching(/^replica/), 'default', expect.stringMatching(/^replica/)],
      expect.stringMatching(/^replica/),
    ]);
    expect([ended?.pinned(), ended?.wrote(), ended?.primary()]).toEqual([false, false, undefined]);
  });

  it('a transaction left open ends without a trace', async () => {
    const { cluster } = pinning();
    const { lease, session } = await runInSession(async (given) => {
      const opened = await begin(cluster);
      opened.writing();
      opened.changed(1);
      return { lease: opened, session: given };
    });
    lease.end('committed');
    expect([session.pinned(), session.wrote()]).toEqual([false, false]);
  });
});

describe('markWritten()', () => {
  it('marks the session for the next request, and moves no read of this one', async () => {
    const { cluster } = pinning();
    await runInSession(async (session) => {
      expect(session.marked).toBe(false);
      session.markWritten();
      expect(session.marked).toBe(true);
      expect([session.pinned(), session.wrote()]).toEqual([false, false]);
      expect(await read(cluster)).toMatch(/^replica/);
    });
  });
});
