import { describe, expect, it } from '@jest/globals';
import { runInSession, usePrimary } from '../../src/scopes.js';
import type { Fault } from '../support/faults.js';
import { always, duplicate, full, lost, notReady, readOnly, refused, scripted } from '../support/faults.js';
import type { Probed } from '../support/probed.js';
import { PRIMARY, probed, REPLICA } from '../support/probed.js';
import { READ, WRITE } from '../support/rig.js';
import { thrownBy } from '../support/thrown.js';
import { turns } from '../support/turns.js';

const READ_ONLY = { ...PRIMARY, ro: 1 };
const PROMOTED = { ...REPLICA, ro: 0, running: '0', server: 'replica-1' };

interface Settled<T> {
  value: T | undefined;
  error: unknown;
  at: number | undefined;
}

/** What becomes of a promise, and when. */
function watch<T>(given: Probed, promise: Promise<T>): Settled<T> {
  const settled: Settled<T> = { value: undefined, error: undefined, at: undefined };
  promise.then(
    (value) => {
      settled.value = value;
      settled.at = given.clock.now();
    },
    (error: unknown) => {
      settled.error = error;
      settled.at = given.clock.now();
    },
  );
  return settled;
}

/** A cluster that has been checked once. */
async function known(options: Parameters<typeof probed>[0] = {}): Promise<Probed> {
  const given = probed(options);
  await given.clock.advance(1_000);
  return given;
}

describe('a write that finds its primary read only', () => {
  it('goes to the new primary, once, without being told to wait', async () => {
    const given = await known();
    given.answers['default'] = READ_ONLY;
    given.answers['replica-1'] = PROMOTED;
    const { run, asked, sent } = scripted(given.cluster, { default: [readOnly] });
    expect(await run(WRITE)).toBe('replica-1');
    expect(asked).toEqual(['default', 'replica-1']);
    expect(sent).toEqual(['default', 'replica-1']);
  });

  it('fails with the error of its database where nobody took over, and may not wait', async () => {
    const given = await known();
    given.answers['default'] = READ_ONLY;
    const { run, asked } = scripted(given.cluster, { default: always(readOnly) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ errno: 1290 });
    expect(asked).toEqual(['default']);
  });

  it('waits for a promotion, and goes to the new primary exactly once', async () => {
    const given = await known({ holdWritesMs: 5_000 });
    given.answers['default'] = READ_ONLY;
    const { run, sent } = scripted(given.cluster, { default: always(readOnly) });
    const write = watch(given, run(WRITE));
    await given.clock.advance(2_000);
    expect(write.at).toBeUndefined();
    given.answers['replica-1'] = PROMOTED;
    await given.clock.advance(1_000);
    expect(write.value).toBe('replica-1');
    expect(sent.filter((name) => name === 'replica-1')).toEqual(['replica-1']);
  });
});

describe('a transaction, while the primary is known to be read only', () => {
  const readOnlyPrimary = async (holdWritesMs: number): Promise<Probed> => {
    const given = await known({ holdWritesMs });
    given.answers['default'] = READ_ONLY;
    await given.clock.advance(1_000);
    return given;
  };

  it('waits for a promotion, and is opened on the new primary alone', async () => {
    const given = await readOnlyPrimary(5_000);
    const { begin, asked } = scripted(given.cluster, {});
    const opened = watch(given, begin());
    await given.clock.advance(2_000);
    expect([opened.at, asked]).toEqual([undefined, []]);
    given.answers['replica-1'] = PROMOTED;
    await given.clock.advance(1_000);
    expect(asked).toEqual(['replica-1']);
    opened.value?.end('committed');
  });

  it('waits until it takes writes again', async () => {
    const given = await readOnlyPrimary(5_000);
    const { begin, asked } = scripted(given.cluster, {});
    const opened = watch(given, begin());
    given.answers['default'] = PRIMARY;
    await given.clock.advance(1_000);
    expect(asked).toEqual(['default']);
    opened.value?.end('committed');
  });

  it('is opened there after all when it has waited for so long as it may', async () => {
    const given = await readOnlyPrimary(2_000);
    const { begin, asked } = scripted(given.cluster, {});
    const opened = watch(given, begin());
    await given.clock.advance(1_999);
    expect(asked).toEqual([]);
    await given.clock.advance(1);
    expect(asked).toEqual(['default']);
    opened.value?.end('committed');
  });

  it('is opened there at once where nothing may wait', async () => {
    const given = await readOnlyPrimary(0);
    const { begin, asked } = scripted(given.cluster, {});
    const lease = await begin();
    lease.end('committed');
    expect(asked).toEqual(['default']);
  });
});

describe('a write that finds no primary', () => {
  const down = async (holdWritesMs: number): Promise<Probed> => {
    const given = await known({ holdWritesMs });
    given.answers['default'] = refused().error;
    await given.clock.advance(1_000);
    expect(given.cluster.databases.default.health).toBe('down');
    return given;
  };

  it('fails at once by default', async () => {
    const given = await down(0);
    const write = watch(given, scripted(given.cluster, { default: always(refused) }).run(WRITE));
    await turns();
    expect(write.error).toHaveProperty('code', 'SLUICE_NO_DATABASE');
    expect(write.at).toBe(given.clock.now());
  });

  it('waits until the primary is back', async () => {
    const given = await down(5_000);
    const { run, asked } = scripted(given.cluster, {});
    const write = watch(given, run(WRITE));
    await given.clock.advance(1_000);
    expect([write.at, asked]).toEqual([undefined, []]);
    given.answers['default'] = PRIMARY;
    await given.clock.advance(1_000);
    expect(write.value).toBe('default');
    expect(asked).toEqual(['default']);
  });

  it('waits until another one is promoted', async () => {
    const given = await down(5_000);
    const { run, asked } = scripted(given.cluster, {});
    const write = watch(given, run(WRITE));
    given.answers['replica-1'] = PROMOTED;
    await given.clock.advance(1_000);
    expect(write.value).toBe('replica-1');
    expect(asked).toEqual(['replica-1']);
  });

  it('waits no longer than it may', async () => {
    const given = await down(2_000);
    const begun = given.clock.now();
    const write = watch(given, scripted(given.cluster, { default: always(refused) }).run(WRITE));
    await given.clock.advance(1_999);
    expect(write.at).toBeUndefined();
    await given.clock.advance(1);
    expect(write.error).toHaveProperty('code', 'SLUICE_NO_DATABASE');
    expect(write.at).toBe(begun + 2_000);
  });

  it('waits with at most 999 others; one more fails at once', async () => {
    const given = await down(5_000);
    const { run } = scripted(given.cluster, { default: [refused] });
    const held = Array.from({ length: 1_000 }, () => watch(given, run(WRITE)));
    await turns();
    expect(held.filter(({ at }) => at !== undefined)).toEqual([]);
    const more = watch(given, run(WRITE));
    await turns();
    expect(more.error).toHaveProperty('code', 'SLUICE_NO_DATABASE');
    given.answers['default'] = PRIMARY;
    await given.clock.advance(1_000);
    expect(held.every(({ value }) => value === 'default')).toBe(true);
    // the places are free again
    given.answers['default'] = refused().error;
    await given.clock.advance(1_000);
    const again = watch(given, run(WRITE));
    await turns();
    expect(again.at).toBeUndefined();
  });

  it('ends when the cluster is closed, and leaves no timer', async () => {
    const given = await down(5_000);
    const write = watch(given, scripted(given.cluster, {}).run(WRITE));
    await turns();
    given.cluster.close();
    await turns();
    expect(write.error).toHaveProperty('code', 'SLUICE_CLOSED');
    expect(given.clock.pending).toBe(0);
  });

  it('is none of the plain reads, which fail at once', async () => {
    const given = await down(5_000);
    const dead = always(refused);
    const { run } = scripted(given.cluster, { default: dead, 'replica-1': dead, 'replica-2': dead });
    const read = watch(given, run(READ));
    await turns();
    expect(read.error).toHaveProperty('code', 'SLUICE_NO_DATABASE');
  });
});

describe('a read that must be fresh, while the primary is down', () => {
  const down = async (holdWritesMs: number): Promise<Probed> => {
    const given = await known({ holdWritesMs, router: 'PinningReplicaRouter' });
    given.answers['default'] = refused().error;
    await given.clock.advance(1_000);
    return given;
  };

  it.each<[string, (read: () => Promise<string>) => Promise<string>]>([
    ['in usePrimary', (read) => usePrimary(read)],
    [
      'of a session that has written',
      (read) =>
        runInSession((session) => {
          session.pin({ seconds: 15 });
          return read();
        }),
    ],
  ])('%s waits for the next primary as writes do', async (_what, within) => {
    const given = await down(5_000);
    const { run, asked } = scripted(given.cluster, { default: always(refused) });
    const read = watch(
      given,
      within(() => run(READ)),
    );
    await given.clock.advance(1_000);
    expect([read.at, asked]).toEqual([undefined, []]);
    given.answers['replica-1'] = PROMOTED;
    await given.clock.advance(1_000);
    expect(read.value).toBe('replica-1');
    expect(asked).toEqual(['replica-1']);
  });

  it('is read from a primary that takes no writes', async () => {
    const given = await known({ holdWritesMs: 5_000 });
    given.answers['default'] = READ_ONLY;
    await given.clock.advance(1_000);
    expect(await usePrimary(() => scripted(given.cluster, {}).run(READ))).toBe('default');
  });

  it('fails at once where nothing may wait', async () => {
    const given = await down(0);
    const { run } = scripted(given.cluster, { default: always(refused) });
    const read = watch(
      given,
      usePrimary(() => run(READ)),
    );
    await turns();
    expect(read.error).toHaveProperty('code', 'SLUICE_NO_DATABASE');
  });
});

describe('a write that may wait', () => {
  it.each<[string, () => Fault]>([
    ['was refused a connection', refused],
    ['found the primary full', full],
    ['found the primary not ready', notReady],
  ])('and %s, is sent again once it would be served', async (_what, fault) => {
    const given = await known({ holdWritesMs: 5_000 });
    const { run } = scripted(given.cluster, { default: [fault] });
    const write = watch(given, run(WRITE));
    await given.clock.advance(1_000);
    expect(write.value).toBe('default');
  });

  it('and was lost on its way, is not sent again', async () => {
    const given = await known({ holdWritesMs: 5_000 });
    const { run, sent } = scripted(given.cluster, { default: [lost] });
    expect(await thrownBy(() => run(WRITE))).toHaveProperty('code', 'SLUICE_OUTCOME_UNKNOWN');
    expect(sent).toEqual(['default']);
  });

  it('and has an error of its own, does not wait', async () => {
    const given = await known({ holdWritesMs: 5_000 });
    const { run } = scripted(given.cluster, { default: [duplicate] });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ errno: 1062 });
  });

  it('and opens a transaction, waits, too', async () => {
    const given = await known({ holdWritesMs: 5_000 });
    const opened = watch(given, scripted(given.cluster, { default: [refused] }).begin());
    await given.clock.advance(1_000);
    expect(opened.value?.database.name).toBe('default');
    opened.value?.end('committed');
  });
});
