import { describe, expect, it } from '@jest/globals';
import { reason, world } from '../support/world.js';

describe('pin()', () => {
  it('keeps reads of every cluster on the primary for so long, here and in the next work', async () => {
    const { clock, cluster, session } = world();
    const given = session();
    given.pin({ seconds: 5 });
    expect([given.pinned(), given.wrote(), given.gained]).toEqual([true, false, true]);
    expect([reason(given, cluster('shop')), reason(given, cluster('billing'))]).toEqual(['session', 'session']);
    const next = session({ from: given.export() });
    await clock.advance(4_999);
    expect([reason(given, cluster()), reason(next, cluster())]).toEqual(['session', 'session']);
    await clock.advance(1);
    expect([reason(given, cluster()), reason(next, cluster())]).toEqual(['router', 'router']);
  });

  it('never shortens a pin', async () => {
    const { clock, cluster, session } = world();
    const given = session();
    given.pin({ seconds: 60 });
    given.pin({ seconds: 1 });
    await clock.advance(59_999);
    expect(reason(given, cluster())).toBe('session');
  });

  it('does nothing once the session has ended', () => {
    const { session } = world();
    const given = session();
    given.close();
    given.pin({ seconds: 5 });
    expect([given.pinned(), given.gained]).toEqual([false, false]);
  });
});

describe('markWritten()', () => {
  it('pins the next work for 15 s, and not this one', async () => {
    const { clock, cluster, session } = world();
    const given = session();
    given.markWritten();
    expect([reason(given, cluster()), given.gained]).toEqual(['router', true]);
    const next = session({ from: given.export() });
    await clock.advance(14_999);
    expect(reason(next, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(next, cluster())).toBe('router');
  });

  it('pins the next work for as long as its sender says', async () => {
    const { clock, cluster, session } = world();
    const given = session();
    given.markWritten();
    const next = session({ from: given.export({ seconds: 3 }) });
    await clock.advance(2_999);
    expect(reason(next, cluster())).toBe('session');
    await clock.advance(1);
    expect(reason(next, cluster())).toBe('router');
  });
});

describe('keepOnPrimary()', () => {
  it('keeps all reads of this work on the primary, however long it takes, and pins no other', async () => {
    const { clock, cluster, session } = world();
    const given = session();
    given.keepOnPrimary();
    await clock.advance(3_600_000);
    expect([reason(given, cluster()), given.pinned(), given.gained, given.export()]).toEqual([
      'session',
      true,
      false,
      '',
    ]);
  });

  it('does so until it is told otherwise, and not in a session that has ended', async () => {
    const { cluster, session } = world();
    const given = session();
    given.keepOnPrimary();
    given.keepOnPrimary(false);
    expect(reason(given, cluster())).toBe('router');
    given.close();
    given.keepOnPrimary();
    expect(given.pinned()).toBe(false);
  });
});
