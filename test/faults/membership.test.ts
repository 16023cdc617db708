import { describe, expect, it } from '@jest/globals';
import { ENGINES } from '../engines.js';
import { sessionsOf } from '../typeorm/support/sessions.js';
import { until } from '../typeorm/support/until.js';
import { Load } from './support/load.js';
import { onStage } from './support/stage.js';
import { Told } from './support/told.js';

/** Databases that come and go while an application reads. */
describe.each(ENGINES)('the databases of a cluster under load on %s', (engine) => {
  const stage = onStage(engine);
  const both = () => [stage.port('replica-1'), stage.port('replica-2')];

  it('are drained and used again, removed and added, and no read fails', async () => {
    const routed = await stage.openBoth();
    const told = routed.map((each) => new Told(each));
    const loads = routed.map((each) => new Load(each));
    const served = (port: number) => Promise.all(loads.map((load) => load.servedBy(port)));
    const more = () => Promise.all(loads.map((load) => load.more(30)));
    await Promise.all(both().map(served));

    expect(await Promise.all(routed.map(({ cluster }) => cluster.drain('replica-1')))).toEqual([true, true]);
    const drained = performance.now();
    await more();
    for (const each of told) expect(each.count('route replica-1', drained)).toBe(0);
    for (const { cluster } of routed) cluster.undrain('replica-1');
    await served(stage.port('replica-1'));

    expect(await Promise.all(routed.map(({ cluster }) => cluster.removeDatabase('replica-2')))).toEqual([true, true]);
    const removed = performance.now();
    await until('its connections are closed', async () => {
      return (await sessionsOf(stage.scene, stage.servers.replica(2))).length === 0;
    });
    await more();
    for (const [index, each] of told.entries()) {
      expect(each.count('route replica-2', removed)).toBe(0);
      expect(routed[index]!.cluster.databases.get('replica-2')).toBeUndefined();
    }
    await Promise.all(routed.map(({ add }) => add('replica-2')));
    await served(stage.port('replica-2'));

    await Promise.all(loads.map((load) => load.stop()));
    for (const load of loads) {
      expect(load.failures).toEqual([]);
      expect(load.mixedUp).toEqual([]);
    }
  });
});

describe.each(ENGINES)('a cluster without replicas that serve on %s', (engine) => {
  const stage = onStage(engine);

  async function killReplicas(): Promise<void> {
    await Promise.all([stage.servers.replica(1).kill(), stage.servers.replica(2).kill()]);
  }

  /** The error of a call, and how long the quickest of five took to fail. */
  async function quickestFailure(call: () => Promise<unknown>): Promise<{ ms: number; error: unknown }> {
    let [ms, error]: [number, unknown] = [Infinity, undefined];
    for (let turn = 0; turn < 5; turn += 1) {
      const begin = performance.now();
      error = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      ms = Math.min(ms, performance.now() - begin);
    }
    return { ms, error };
  }

  it('refuses reads at once if the primary must not serve them', async () => {
    const routed = await stage.openBoth({ whenNoReplica: 'throw' });
    const told = routed.map((each) => new Told(each));
    await killReplicas();
    for (const name of ['replica-1', 'replica-2']) {
      await Promise.all(told.map((each) => each.after(0, `health ${name} down`)));
    }
    for (const each of routed) {
      const { ms, error } = await quickestFailure(() => each.read());
      process.stdout.write(`${engine}, ${each.orm}: refused in ${ms.toFixed(2)} ms\n`);
      expect(error).toMatchObject({ code: 'SLUICE_NO_DATABASE' });
      expect(ms).toBeLessThan(10);
      await each.write('writes are served');
    }
    for (const each of told) expect(each.count('route default read')).toBe(0);
  });

  it('serves as many reads from the primary as it may, and refuses more at once', async () => {
    const routed = await stage.openBoth({ maxFallbackReads: 3 });
    const told = routed.map((each) => new Told(each));
    await killReplicas();
    for (const name of ['replica-1', 'replica-2']) {
      await Promise.all(told.map((each) => each.after(0, `health ${name} down`)));
    }
    for (const each of routed) {
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => each.read()));
      const ports = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.port] : []));
      const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
      expect(ports).toEqual(Array(3).fill(stage.port('default')));
      expect(codes).toEqual(Array(7).fill('SLUICE_OVERLOADED'));
      expect((await each.read()).port).toBe(stage.port('default'));
    }
  });
});
