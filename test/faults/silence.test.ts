import { describe, expect, it } from '@jest/globals';
import { FailoverRouter } from '@sluice/core';
import type { FaultProxy } from '@sluice/testbed';
import { faultProxy } from '@sluice/testbed';
import { ENGINES } from '../engines.js';
import { sessionsOf } from '../typeorm/support/sessions.js';
import { until } from '../typeorm/support/until.js';
import { Load } from './support/load.js';
import type { Routed } from './support/routed.js';
import { onStage } from './support/stage.js';
import { say, Told } from './support/told.js';

/** Reads whose database has fallen silent: its connections are open, and nobody answers. */
describe.each(ENGINES)('a replica that falls silent on %s', (engine) => {
  const stage = onStage(engine);
  const broken = 'replica-1';
  const replica = () => stage.servers.replica(1);

  /** Puts both ORMs under load while `fault` comes and goes; every read is answered, and soon. */
  async function survive(routed: readonly Routed[], fault: () => Promise<unknown>, heal: () => Promise<unknown>) {
    const loads = routed.map((each) => new Load(each));
    const told = routed.map((each) => new Told(each));
    await Promise.all(loads.map((load) => load.servedBy(stage.port(broken))));
    const since = performance.now();
    await fault();
    const noticed = await Promise.all(told.map((each) => each.after(since, `health ${broken} down`)));
    const quiet = performance.now();
    await Promise.all(loads.map((load) => load.more(30)));
    for (const load of loads) expect([...load.portsSince(quiet)]).toEqual([stage.port('replica-2')]);
    const healed = performance.now();
    await heal();
    const back = await Promise.all(
      loads.map((load) => load.servedBy(stage.port(broken)).then(() => performance.now() - healed)),
    );
    await Promise.all(loads.map((load) => load.more(30)));
    await Promise.all(loads.map((load) => load.stop()));
    for (const [index, load] of loads.entries()) {
      const [ms, slowest] = [noticed[index] ?? Infinity, load.slowestMs];
      say(
        engine,
        routed[index]!,
        `noticed after ${ms.toFixed(0)} ms, slowest of ${load.reads.length} reads ${slowest.toFixed(0)} ms, read again ${back[index]!.toFixed(0)} ms after it answered`,
      );
      expect(load.failures).toEqual([]);
      expect(load.mixedUp).toEqual([]);
      expect(slowest).toBeLessThan(1_000);
      expect(ms).toBeLessThan(1_000);
    }
  }

  it('is noticed under load, its reads are answered elsewhere, and no late reply reaches anybody', async () => {
    const routed = await stage.openBoth();
    let before: readonly number[] = [];
    await survive(
      routed,
      async () => {
        before = (await sessionsOf(stage.scene, replica())).map(({ id }) => id);
        await replica().freeze();
      },
      async () => replica().thaw(),
    );
    const after = (await sessionsOf(stage.scene, replica())).map(({ id }) => id);
    // the pools' connections, and those of the checks
    expect(before.length).toBeGreaterThanOrEqual(4);
    // a check that hangs is awaited, not repeated, so its connection may have lived to see the thaw
    expect(after.filter((id) => before.includes(id)).length).toBeLessThanOrEqual(routed.length);
  });

  it('is noticed when the network swallows what is sent', async () => {
    const proxy: FaultProxy = await faultProxy({ port: stage.port(broken) });
    try {
      const routed = await stage.openBoth({ ports: { [broken]: proxy.port } });
      await survive(
        routed,
        async () => proxy.blackHole(),
        () => proxy.restore(),
      );
      await stage.close();
    } finally {
      await proxy.stop();
    }
  });

  it('gives up a stream that has no row yet, which another database answers', async () => {
    const routed = await stage.openBoth({ router: new FailoverRouter() });
    await Promise.all(routed.map(({ stream }) => stream()));
    await replica().freeze();
    const begin = performance.now();
    const ports = await Promise.all(routed.map(({ stream }) => stream()));
    expect(ports).toEqual(routed.map(() => stage.port('replica-2')));
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('ends a transaction there, which is repeated nowhere', async () => {
    const routed = await stage.openBoth({ router: new FailoverRouter() });
    const told = routed.map((each) => new Told(each));
    const begun: Promise<void>[] = [];
    const settled = routed.map(async ({ reading }) => {
      const ran = { runs: 0 };
      let begin = (): void => undefined;
      begun.push(new Promise((resolve) => (begin = resolve)));
      const [{ status }] = await Promise.allSettled([
        reading(async (read) => {
          ran.runs += 1;
          expect((await read()).port).toBe(stage.port(broken));
          begin();
          await until('it is frozen', () => replica().state === 'frozen');
          return read();
        }),
      ]);
      return { ...ran, status };
    });
    await Promise.all(begun);
    await replica().freeze();
    expect(await Promise.all(settled)).toEqual(routed.map(() => ({ runs: 1, status: 'rejected' })));
    for (const [index, { cluster }] of routed.entries()) {
      expect(cluster.databases.get(broken)?.health).toBe('down');
      expect(told[index]!.count('route replica-2')).toBe(0);
      expect(told[index]!.count('route default')).toBe(0);
    }
  });

  it('is noticed while nobody reads', async () => {
    const routed = await stage.openBoth();
    const told = routed.map((each) => new Told(each));
    await Promise.all(routed.map(({ read }) => Promise.all([read(), read()])));
    const since = performance.now();
    await replica().freeze();
    const noticed = await Promise.all(told.map((each) => each.after(since, `health ${broken} down`)));
    for (const [index, ms] of noticed.entries()) say(engine, routed[index]!, `idle, noticed after ${ms.toFixed(0)} ms`);
    expect(Math.max(...noticed)).toBeLessThan(2_500);
    for (const { read } of routed) expect((await read()).port).toBe(stage.port('replica-2'));
  });
});
