import { describe, expect, it } from '@jest/globals';
import type { Server } from '@sluice/testbed';
import { ENGINES } from '../engines.js';
import { until } from '../typeorm/support/until.js';
import { Load } from './support/load.js';
import { onStage } from './support/stage.js';
import { say, Told } from './support/told.js';

const MAX_LAG_MS = 300;

/** How far a replica is behind is known without a table of ours and without a common clock. */
describe.each(ENGINES)('a replica that is behind on %s', (engine) => {
  const stage = onStage(engine);

  const row = (label: string) => stage.servers.primary.query(`INSERT INTO tag (label) VALUES ('${label}')`);

  /** What the primary writes is applied on this replica so many seconds later, also after a restart. */
  async function delay(server: Server, seconds: number): Promise<void> {
    if (engine === 'mariadb') {
      await server.query(`STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = ${seconds}; START SLAVE`);
    } else {
      await server.query(`ALTER SYSTEM SET recovery_min_apply_delay = '${seconds}s'`);
      await server.query('SELECT pg_reload_conf()');
    }
  }

  it('is not read while it is further behind than it may, and again when it has caught up', async () => {
    const routed = await stage.openBoth({ maxLagMs: MAX_LAG_MS });
    const told = routed.map((each) => new Told(each));
    const loads = routed.map((each) => new Load(each));
    await stage.servers.replica(1).pauseReplay();
    await row('paused');
    const since = performance.now();
    const out = await Promise.all(told.map((each) => each.after(since, 'health replica-1 lagging')));
    const quiet = performance.now();
    await Promise.all(loads.map((load) => load.more(20)));
    for (const load of loads) expect([...load.portsSince(quiet)]).toEqual([stage.port('replica-2')]);
    await stage.servers.replica(1).resumeReplay();
    await stage.servers.replica(1).caughtUp();
    const caughtUp = performance.now();
    await Promise.all(loads.map((load) => load.servedBy(stage.port('replica-1'))));
    const backMs = performance.now() - caughtUp;
    await Promise.all(loads.map((load) => load.stop()));
    for (const [index, each] of routed.entries()) {
      say(
        engine,
        each,
        `out ${out[index]!.toFixed(0)} ms after a write it lacks, back ${backMs.toFixed(0)} ms after it caught up`,
      );
      expect(loads[index]!.failures).toEqual([]);
      expect(each.cluster.databases.get('replica-1')?.health).toBe('up');
    }
    expect(backMs).toBeLessThan(2_000);
  });

  it('is read if all are, when it is the least', async () => {
    const routed = await stage.openBoth({ maxLagMs: MAX_LAG_MS });
    const told = routed.map((each) => new Told(each));
    await stage.servers.replica(1).pauseReplay();
    await row('first');
    await Promise.all(told.map((each) => each.after(0, 'health replica-1 lagging')));
    await stage.servers.replica(2).pauseReplay();
    await row('second');
    await Promise.all(told.map((each) => each.after(0, 'health replica-2 lagging')));
    for (const { read } of routed) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => read()));
      expect(new Set(answers.map(({ port }) => port))).toEqual(new Set([stage.port('replica-2')]));
    }
  });

  it('is none of those that have all that an idle primary has written', async () => {
    const routed = await stage.openBoth({ maxLagMs: MAX_LAG_MS });
    const told = routed.map((each) => new Told(each));
    await row('the last for a while');
    await stage.servers.caughtUp();
    const seen = routed.map(() => new Set<number | undefined>());
    const rests = performance.now() + 4 * MAX_LAG_MS;
    await until('the primary has rested', () => {
      for (const [index, { cluster }] of routed.entries()) {
        for (const { lagMs } of cluster.databases.replicas) seen[index]!.add(lagMs);
      }
      return performance.now() > rests;
    });
    for (const [index, each] of told.entries()) {
      expect(each.events).toEqual([]);
      // at the most, what was written while one of them was asked
      const { replicas } = routed[index]!.cluster.databases;
      expect(replicas.map(({ lagMs }) => lagMs)).toEqual([0, 0]);
      expect(Math.max(...[...seen[index]!].map((lagMs) => lagMs ?? Infinity))).toBeLessThan(MAX_LAG_MS);
    }
  });

  it('is not read after a restart before it has caught up', async () => {
    const replica = stage.servers.replica(1);
    const routed = await stage.openBoth({ maxLagMs: MAX_LAG_MS });
    const told = routed.map((each) => new Told(each));
    await delay(replica, 4);
    await replica.kill();
    await Promise.all(told.map((each) => each.after(0, 'health replica-1 down')));
    await row('missed');
    // the primary has been seen there, and for longer than a replica may be behind
    const written = performance.now();
    await until('it is behind by more than it may', () => performance.now() - written > 3 * MAX_LAG_MS);
    await replica.restart();
    await Promise.all(told.map((each) => each.after(0, 'health replica-1 recovering')));
    for (const { read } of routed) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => read()));
      expect(new Set(answers.map(({ port }) => port))).toEqual(new Set([stage.port('replica-2')]));
    }
    await until('all of them read it again', async () => {
      const ports = await Promise.all(routed.map(({ read }) => read().then(({ port }) => port)));
      return ports.every((port) => port === stage.port('replica-1'));
    });
    expect(await stage.count('replica-1', 'missed')).toBe(1);
    await delay(replica, 0);
  });
});
