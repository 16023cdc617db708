import { describe, expect, it } from '@jest/globals';
import type { Server } from '@sluice/testbed';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineUnderTest } from '../engines.js';
import { ENGINES } from '../engines.js';
import { sessionsOf } from '../typeorm/support/sessions.js';
import { until } from '../typeorm/support/until.js';
import type { Routed } from './support/routed.js';
import type { Stage } from './support/stage.js';
import { onStage } from './support/stage.js';
import { say, Told } from './support/told.js';

const PROMOTED_AFTER_MS = 2_000;

/** Writes a row every 50 ms until `work` is done, whatever becomes of those before it; none may fail. Answers how many. */
async function writing(routed: Routed, label: string, work: Promise<unknown>): Promise<number> {
  const writes: Promise<void>[] = [];
  const timer = setInterval(() => writes.push(routed.write(`${label} ${writes.length}`)), 50);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  await Promise.all(writes);
  return writes.length;
}

/** Each of so many rows must be there once. */
async function expectOnce(stage: Stage, label: string, count: number): Promise<void> {
  const { primary } = stage.servers;
  const [row] = await primary.query(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT label) AS d FROM tag WHERE label LIKE '${label} %'`,
  );
  expect([Number(row?.['n']), Number(row?.['d'])]).toEqual([count, count]);
}

/** Makes a server read only, as one does before a switchover. */
async function refuseWrites(engine: EngineUnderTest, server: Server): Promise<void> {
  if (engine !== 'postgres') return void (await server.query('SET GLOBAL read_only = 1'));
  await server.query('ALTER SYSTEM SET default_transaction_read_only = on');
  await server.query('SELECT pg_reload_conf()');
  await until('it is read only', async () => {
    const [row] = await server.query('SELECT current_setting($$default_transaction_read_only$$) AS v');
    return row?.['v'] === 'on';
  });
}

/** The driver's error, in whatever its ORM has put it. */
function causeOf(error: unknown): unknown {
  return (error as { readonly driverError?: unknown }).driverError ?? error;
}

describe.each(ENGINES)('a switchover on %s', (engine) => {
  const stage = onStage(engine);

  it('is followed in the same call, and the connections to the old primary are dropped', async () => {
    // so rarely checked, only the refused write can tell
    const routed = await stage.openBoth({ probeIntervalMs: 60_000, probe: 'sql' });
    const told = routed.map((each) => new Told(each));
    await Promise.all(routed.map(({ write }) => Promise.all([1, 2, 3].map((n) => write(`before ${n}`)))));
    await stage.servers.caughtUp();
    const old = stage.servers.server('default');
    // the old one does not see it, and is made read only before it can take a write
    await old.freeze();
    await stage.servers.replica(1).promote();
    old.thaw();
    await refuseWrites(engine, old);
    for (const [index, each] of routed.entries()) {
      const begin = performance.now();
      await each.write(`moved ${index}`);
      say(
        engine,
        each,
        `the write that found the old primary read only took ${(performance.now() - begin).toFixed(0)} ms`,
      );
      expect(told[index]!.events.filter((text) => !text.startsWith('health'))).toEqual(
        expect.arrayContaining(['primary default read-only', 'pool default', 'primary replica-1 promoted']),
      );
      expect(each.cluster.databases.default.name).toBe('replica-1');
    }
    expect(await stage.count('default', 'moved %')).toBe(0);
    expect(await stage.count('replica-1', 'moved %')).toBe(2);
    // one is left to each, for the checks
    await until('the idle connections are gone', async () => {
      return (await sessionsOf(stage.scene, old)).length <= routed.length;
    });
    await stage.close();
    await old.restart();
  });
});

describe.each(ENGINES)('a primary that is read only for a while before another is promoted on %s', (engine) => {
  const stage = onStage(engine);

  it('gets no transaction any more that may wait, once that is known', async () => {
    const routed = await stage.openBoth({ holdWritesMs: 20_000 });
    await Promise.all(routed.map(({ writeInTransaction }) => writeInTransaction('before')));
    await stage.servers.caughtUp();
    const old = stage.servers.server('default');
    await refuseWrites(engine, old);
    const transactions = routed.map(() => [] as Promise<unknown>[]);
    const timer = setInterval(() => {
      for (const [index, { orm, writeInTransaction }] of routed.entries()) {
        const begun = transactions[index]!;
        begun.push(writeInTransaction(`waited ${orm} ${begun.length}`).then(() => 'committed', causeOf));
      }
    }, 25);
    await until('many have begun', () => transactions.every((begun) => begun.length >= 40));
    await stage.servers.replica(1).promote();
    clearInterval(timer);
    for (const [index, each] of routed.entries()) {
      const outcomes = await Promise.all(transactions[index]!);
      const lost = outcomes.indexOf('committed');
      const waited = outcomes.length - lost;
      say(engine, each, `${lost} transactions found it out, ${waited} waited`);
      for (const error of outcomes.slice(0, lost)) {
        expect(error).toMatchObject(engine === 'postgres' ? { code: '25006' } : { errno: 1290 });
      }
      expect(outcomes.slice(lost).filter((outcome) => outcome !== 'committed')).toEqual([]);
      expect(lost).toBeLessThan(waited);
      expect(await stage.count('replica-1', `waited ${each.orm} %`)).toBe(waited);
    }
    await stage.close();
    await old.restart();
  });
});

describe.each(ENGINES)('the hard loss of a primary on %s', (engine) => {
  const stage = onStage(engine);

  it('fails no write that may wait for the next primary, and at once those that may not', async () => {
    const routed = await stage.openBoth({ holdWritesMs: 10_000 });
    const hasty = await stage.openBoth();
    const told = routed.map((each) => new Told(each));
    await Promise.all([...routed, ...hasty].map(({ write }) => write('before')));
    await stage.servers.caughtUp();
    await stage.servers.primary.kill();
    const lost = performance.now();
    const promoted = sleep(PROMOTED_AFTER_MS).then(() => stage.servers.replica(2).promote());
    const counts = await Promise.all([
      ...routed.map((each) => writing(each, `held ${each.orm}`, promoted)),
      ...hasty.map(async (each) => {
        const begin = performance.now();
        await expect(each.write('hasty')).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
        const ms = performance.now() - begin;
        say(engine, each, `without holdWritesMs a write fails in ${ms.toFixed(0)} ms`);
        expect(ms).toBeLessThan(1_000);
        return 0;
      }),
    ]);
    for (const [index, each] of routed.entries()) {
      const ms = await told[index]!.after(lost, 'primary replica-2 promoted');
      say(engine, each, `${counts[index]!} writes, none failed; promoted, as it was told, after ${ms.toFixed(0)} ms`);
      await expectOnce(stage, `held ${each.orm}`, counts[index]!);
    }
    expect(await stage.count('replica-2', 'hasty')).toBe(0);
    await until('the others know, too', () =>
      hasty.every(({ cluster }) => cluster.databases.default.name === 'replica-2'),
    );
    await Promise.all(hasty.map(({ write }) => write('served again')));
    expect(await stage.count('replica-2', 'served again')).toBe(2);
  });
});

describe.each(ENGINES)('an old primary that comes back writable on %s', (engine) => {
  const stage = onStage(engine);

  it('gets nothing, and somebody is told', async () => {
    const routed = await stage.openBoth({ holdWritesMs: 10_000 });
    const told = routed.map((each) => new Told(each));
    await Promise.all(routed.map(({ write }) => write('before')));
    await stage.servers.caughtUp();
    await stage.servers.server('default').freeze();
    await Promise.all(told.map((each) => each.after(0, 'health default down')));
    await stage.servers.replica(1).promote();
    await Promise.all(routed.map(({ write }) => write('after the promotion')));
    stage.servers.server('default').thaw();
    await Promise.all(told.map((each) => each.after(0, 'primary default disputed')));
    for (const { write, read, cluster } of routed) {
      for (let turn = 0; turn < 10; turn += 1) {
        await write('after the return');
        expect((await read()).port).not.toBe(stage.port('default'));
      }
      expect(cluster.databases.default.name).toBe('replica-1');
    }
    expect(await stage.count('default', 'after the%')).toBe(0);
    expect(await stage.count('replica-1', 'after the promotion')).toBe(2);
    expect(await stage.count('replica-1', 'after the return')).toBe(20);
    await stage.close();
    await stage.servers.server('default').restart();
  });
});
