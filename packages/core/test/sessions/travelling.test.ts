import { describe, expect, it } from '@jest/globals';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { runInSession, withSession } from '../../src/scopes.js';
import type { SessionOptions } from '../../src/session.js';
import { decodePins } from '../../src/session-text.js';
import { read, rig, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';
import { reason, world } from '../support/world.js';

/** The hooks of a router, as a plain object has them. */
function plain(router: MultiPrimaryRouter): object {
  return {
    staysOnPrimary: true,
    dbForRead: router.dbForRead.bind(router),
    dbForWrite: router.dbForWrite.bind(router),
  };
}

describe('a session that is handed on as text', () => {
  it('is empty where nothing was pinned', async () => {
    const { cluster, session } = world();
    const given = session();
    await withSession(given, () => read(cluster()));
    expect([given.export(), given.gained]).toEqual(['', false]);
  });

  it('keeps the reads of the next work on the primary for what is left of its window', async () => {
    const { clock, cluster, session } = world();
    const [shop, first] = [cluster(), session()];
    await withSession(first, () => write(shop));
    expect(first.gained).toBe(true);
    await clock.advance(5_000);
    const next = session({ from: first.export() });
    expect([reason(next, shop), next.pinned(), next.wrote(), next.gained]).toEqual(['session', true, true, false]);
    await clock.advance(9_999);
    expect(reason(next, shop)).toBe('session');
    await clock.advance(1);
    expect(reason(next, shop)).toBe('router');
  });

  it('moves no reads of a cluster that was not written to', async () => {
    const { cluster, session } = world();
    const [shop, billing, first] = [cluster('shop'), cluster('billing'), session()];
    await withSession(first, () => write(shop));
    const next = session({ from: first.export() });
    expect([next.pinned('shop'), next.pinned('billing')]).toEqual([true, false]);
    expect([reason(next, billing), reason(next, shop)]).toEqual(['router', 'session']);
  });

  it('keeps the primary that was written to, where the router keeps to it', async () => {
    const { clock, session } = world();
    const router = { pinSeconds: 15, ...plain(new MultiPrimaryRouter()) };
    const { cluster } = rig({ clock, databases: { 'primary-a': {}, 'primary-b': {}, replica: {} }, router });
    for (let index = 0; index < 10; index += 1) {
      const first = session();
      const own = await withSession(first, () => write(cluster));
      const next = session({ from: first.export() });
      expect(next.primary()).toBe(own);
      expect(await withSession(next, async () => [await read(cluster), await write(cluster)])).toEqual([own, own]);
    }
  });

  it('is handed on again by work that did not write, without a renewal', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    await clock.advance(5_000);
    const second = session({ from: first.export() });
    await clock.advance(5_000);
    expect(second.gained).toBe(false);
    const third = session({ from: second.export() });
    await clock.advance(4_999);
    expect(reason(third, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(third, cluster())).toBe('router');
  });

  it('is renewed by work that wrote', async () => {
    const { clock, cluster, session } = world();
    const [shop, first] = [cluster(), session()];
    await withSession(first, () => write(shop));
    await clock.advance(10_000);
    const second = session({ from: first.export() });
    await withSession(second, () => write(shop));
    await clock.advance(14_999);
    expect(reason(session({ from: second.export() }), shop)).toBe('session');
  });

  it('holds at most as long as its receiver allows', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export(), longestSeconds: 2 });
    await clock.advance(1_999);
    expect(reason(next, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(next, cluster())).toBe('router');
  });

  it('lasts as long as its sender says, for pins that were made there', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export({ seconds: 60 }) });
    await clock.advance(59_999);
    expect(reason(next, cluster())).toBe('session');
  });

  it('lasts so long also where the window of the router is longer', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export({ seconds: 2 }) });
    await clock.advance(1_999);
    expect(reason(next, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(next, cluster())).toBe('router');
  });

  it('shortens nothing that came with the work before', async () => {
    const { clock, cluster, session } = world();
    const shop = cluster();
    const first = session();
    await withSession(first, () => write(shop));
    const second = session({ from: first.export({ seconds: 60 }) });
    await withSession(second, () => write(shop));
    const third = session({ from: second.export({ seconds: 2 }) });
    await clock.advance(59_999);
    expect(reason(third, shop)).toBe('session');
    await clock.advance(1);
    expect(reason(third, shop)).toBe('router');
  });

  it('lasts from the end of the work, where that pinned from its start', async () => {
    const { clock, cluster, session } = world();
    const slow = session();
    slow.pin({ seconds: 5 });
    await clock.advance(20_000);
    const next = session({ from: slow.export({ seconds: 5 }) });
    expect(slow.export()).toBe('');
    await clock.advance(4_999);
    expect(reason(next, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(next, cluster())).toBe('router');
  });

  it('is nothing once the session has ended', async () => {
    const { cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export() });
    for (const ended of [first, next]) {
      ended.markWritten();
      ended.close();
      expect([ended.export(), ended.pinned(), ended.wrote()]).toEqual(['', false, false]);
    }
  });

  it('says each pin once, also after the cluster was used', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export() });
    await withSession(next, () => read(cluster()));
    expect(decodePins(next.export(), clock.epoch())).toHaveLength(1);
  });

  it.each(['', 'y', 'garbage', '1.default~zzzzzzzzzzz~default'])('is as if absent where it is not ours: %p', (from) => {
    const { cluster, session } = world();
    expect(reason(session({ from }), cluster())).toBe('router');
  });

  it('may arrive after the session was opened, and lengthens what was there', async () => {
    const { clock, cluster, session } = world();
    const [shop, long, late] = [cluster(), session(), session()];
    await withSession(long, () => write(shop));
    const text = long.export({ seconds: 60 });
    late.arrive(text);
    expect(reason(late, shop)).toBe('session');
    const written = session();
    await withSession(written, () => write(shop, {}, 0));
    expect(written.wrote()).toBe(false);
    written.arrive(text);
    expect([written.wrote(), written.primary()]).toEqual([true, 'default']);
    await clock.advance(59_999);
    expect([reason(late, shop), reason(written, shop)]).toEqual(['session', 'session']);
  });

  it('shortens nothing where two pins of one name arrive', async () => {
    const { clock, cluster, session } = world();
    const [shop, first, second] = [cluster(), session(), session()];
    await withSession(first, () => write(shop));
    await clock.advance(5_000);
    await withSession(second, () => write(shop));
    const next = session({ from: second.export() });
    next.arrive(first.export());
    await clock.advance(14_999);
    expect(reason(next, shop)).toBe('session');
  });

  it('ends at its time also for one who asks the session', async () => {
    const { clock, cluster, session } = world();
    const first = session();
    await withSession(first, () => write(cluster()));
    const next = session({ from: first.export() });
    await clock.advance(15_000);
    expect([next.pinned(), next.pinned('default')]).toEqual([false, false]);
  });
});

describe('runInSession(work, options)', () => {
  it('takes over the pins of the work before', async () => {
    const { clock, cluster } = world();
    const shop = cluster();
    const from = await runInSession(
      async (session) => {
        await write(shop);
        return session.export();
      },
      { clock },
    );
    expect(await runInSession(() => read(shop), { from, clock })).toBe('default');
  });

  it('refuses an option it does not know', async () => {
    expect(await refusal('SLUICE_CONFIG', () => runInSession(() => {}, { form: 'x' } as SessionOptions))).toMatch(
      /^runInSession has no option "form", did you mean "from"\?/,
    );
  });
});
