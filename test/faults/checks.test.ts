import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '@sluice/testbed';
import { warnings } from '../../packages/core/test/support/warnings.js';
import { ENGINES } from '../engines.js';
import { leavingNothing } from '../typeorm/support/resources.js';
import { sessionsOf } from '../typeorm/support/sessions.js';
import { until } from '../typeorm/support/until.js';
import { Load } from './support/load.js';
import { onStage } from './support/stage.js';
import { say, Told } from './support/told.js';

/** What a check asks PostgreSQL, and an administrator may have forbidden. */
const FUNCTIONS = ['pg_control_system()', 'pg_walfile_name(pg_lsn)'] as const;

/** What the checks cost a server, and what they may ask of it. */
describe.each(ENGINES)('the checks of a cluster on %s', (engine) => {
  const stage = onStage(engine);
  const postgres = engine === 'postgres';

  /** Begins to count the statements of checks on a server; answers how many there were. */
  async function counting(server: Server): Promise<() => Promise<number>> {
    if (!postgres) {
      await server.query("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1");
      return async () => {
        await server.query('SET GLOBAL general_log = 0');
        const [row] = await server.query(
          "SELECT COUNT(*) AS n FROM mysql.general_log WHERE command_type = 'Query' AND argument LIKE '%gtid_slave_pos%'",
        );
        return Number(row?.['n']);
      };
    }
    const log = join(stage.servers.folder, `${server.name}.log`);
    await server.query("ALTER SYSTEM SET log_statement = 'all'");
    await server.query('SELECT pg_reload_conf()');
    await until('statements are logged', async () => {
      const [row] = await server.query('SHOW log_statement');
      return row?.['log_statement'] === 'all';
    });
    const from = statSync(log).size;
    return async () => readFileSync(log).subarray(from).toString().split('pg_postmaster_start_time()').length - 1;
  }

  it('take one connection and at most four statements a second', async () => {
    const routed = await stage.openBoth({ poolSize: 2 });
    const replica = stage.servers.replica(1);
    const load = new Load(routed[0]!);
    const count = await counting(replica);
    const begin = performance.now();
    await until('three seconds have passed', () => performance.now() - begin > 3_000);
    const statements = await count();
    const seconds = (performance.now() - begin) / 1_000;
    await load.stop();
    const perSecond = statements / seconds / routed.length;
    process.stdout.write(`${engine}: ${perSecond.toFixed(2)} checks a second and process\n`);
    expect(perSecond).toBeGreaterThan(1);
    expect(perSecond).toBeLessThanOrEqual(4);
    // two pools of two, and one for the checks of each
    expect((await sessionsOf(stage.scene, replica)).length).toBeLessThanOrEqual(2 + 2 + routed.length);
    expect(load.failures).toEqual([]);
  });

  describe('as a user who may do nothing but read and write', () => {
    const heard = warnings();
    const unprivileged = () => heard.filter(({ code }) => code === 'SLUICE_NO_POSITION');
    afterEach(async () => {
      if (!postgres) return;
      for (const name of FUNCTIONS) await stage.servers.primary.query(`GRANT EXECUTE ON FUNCTION ${name} TO PUBLIC`);
    });

    async function makeUser(): Promise<void> {
      const sql = postgres
        ? [
            "CREATE ROLE plain LOGIN PASSWORD 'plain'",
            'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO plain',
            'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO plain',
            ...FUNCTIONS.map((name) => `REVOKE EXECUTE ON FUNCTION ${name} FROM PUBLIC`),
          ]
        : ["CREATE USER plain@'127.0.0.1' IDENTIFIED BY 'plain'", "GRANT SELECT, INSERT ON app.* TO plain@'127.0.0.1'"];
      for (const statement of sql) await stage.servers.primary.query(statement);
      await stage.servers.caughtUp();
    }

    it('go on', async () => {
      await makeUser();
      const routed = await stage.openBoth({ user: 'plain', maxLagMs: 300 });
      const told = routed.map((each) => new Told(each));
      const loads = routed.map((each) => new Load(each));
      await stage.servers.replica(1).pauseReplay();
      await Promise.all(routed.map(({ write }) => write('unseen')));
      if (postgres) {
        // it is not known that replica-1 is behind, so both are read
        const begin = performance.now();
        await until('several checks have gone by', () => performance.now() - begin > 1_500);
        await Promise.all(loads.map((load) => load.servedBy(stage.port('replica-1'))));
        for (const each of told) expect(each.events).toEqual([]);
        // each of the two clusters says it once of each of its databases
        const said = unprivileged().map(({ message }) => message.split(' ').slice(0, 2).join(' '));
        const names = ['database default', 'database replica-1', 'database replica-2'];
        expect(said.toSorted()).toEqual([...names, ...names].toSorted());
      } else {
        // MariaDB tells everybody how far it has come
        await Promise.all(told.map((each) => each.after(0, 'health replica-1 lagging')));
        expect(unprivileged()).toEqual([]);
      }
      await Promise.all(loads.map((load) => load.servedBy(stage.port('replica-2'))));
      await Promise.all(loads.map((load) => load.stop()));
      for (const load of loads) expect(load.failures).toEqual([]);
    });
  });

  it('condemn nobody while our own process stands still for two seconds', async () => {
    const routed = await stage.openBoth();
    const told = routed.map((each) => new Told(each));
    const loads = routed.map((each) => new Load(each));
    await Promise.all(loads.map((load) => load.more(20)));
    const until2s = performance.now() + 2_000;
    while (performance.now() < until2s);
    await Promise.all(loads.map((load) => load.more(50)));
    const after = performance.now();
    await until('the checks have gone on', () => performance.now() - after > 800);
    await Promise.all(loads.map((load) => load.stop()));
    for (const [index, load] of loads.entries()) {
      expect(load.failures).toEqual([]);
      expect(told[index]!.events).toEqual([]);
    }
  });

  it('do not hold up close() while every server is frozen, and leave nothing behind', async () => {
    await leavingNothing(async () => {
      const routed = await stage.openBoth();
      await Promise.all(routed.map(({ read, write }) => Promise.all([read(), read(), write('before')])));
      await Promise.all(stage.servers.servers.map((server) => server.freeze()));
      const reads = routed.flatMap(({ read }) => Array.from({ length: 5 }, () => read()));
      const writes = routed.map(({ write }) => write('frozen'));
      const settled = Promise.allSettled([...reads, ...writes]);
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(
        routed.map(async (each) => {
          const begin = performance.now();
          await each.close();
          const ms = performance.now() - begin;
          say(engine, each, `close() took ${ms.toFixed(0)} ms`);
          expect(ms).toBeLessThan(1_000);
        }),
      );
      const outcomes = await settled;
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
      for (const server of stage.servers.servers) server.thaw();
    });
  });
});
