import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster, startCluster } from '@sluice/testbed';

import { appClient } from './app-client.js';
import { engines } from './engines.js';
import { eventually } from './eventually.js';

describe.each(engines)('$title', ({ title, options, targetMs }) => {
  let cluster: Cluster;

  beforeAll(async () => {
    const begin = performance.now();
    cluster = await startCluster(options);
    const firstMs = performance.now() - begin;
    const app = await appClient(cluster.databases['default']!, options);
    await app.query('CREATE TABLE notes (id INT PRIMARY KEY)');
    app.close();
    await cluster.caughtUp();
    console.info(`${title}: primary and 2 replicas in ${Math.round(firstMs)} ms`);
  });
  afterAll(() => cluster.stop());

  const idsOn = async (name: string): Promise<readonly unknown[]> => {
    const app = await appClient(cluster.databases[name]!, options);
    const rows = await app.query('SELECT id FROM notes ORDER BY id');
    app.close();
    return rows.map((row) => (row as { id: number }).id);
  };
  const write = async (id: number): Promise<void> => {
    const app = await appClient(cluster.primary.database, options);
    await app.query(`INSERT INTO notes VALUES (${id})`);
    app.close();
  };

  it('names the primary and its replicas with an address and a role each', () => {
    const roles = Object.entries(cluster.databases).map(([name, { role }]) => [name, role]);
    expect(roles).toEqual([
      ['default', 'primary'],
      ['replica-1', 'replica'],
      ['replica-2', 'replica'],
    ]);
    expect(new Set(Object.values(cluster.databases).map(({ port }) => port)).size).toBe(3);
  });

  it('shows a write on the primary on both replicas', async () => {
    await write(1);
    await cluster.caughtUp();
    expect(await idsOn('replica-1')).toContain(1);
    expect(await idsOn('replica-2')).toContain(1);
  });

  it('refuses a write of the application on a replica', async () => {
    const app = await appClient(cluster.replica(1).database, options);
    const refused = options.engine === 'postgres' ? { code: '25006' } : { errno: 1290 };
    await expect(app.query('INSERT INTO notes VALUES (99)')).rejects.toMatchObject(refused);
    app.close();
  });

  it('refuses a wrong password', async () => {
    const refused = options.engine === 'postgres' ? { code: '28P01' } : { errno: 1045 };
    const wrong = { ...cluster.primary.database, password: 'wrong' };
    await expect(appClient(wrong, options)).rejects.toMatchObject(refused);
  });

  it('keeps a paused replica stale, the other one fresh, and heals the paused one', async () => {
    await cluster.replica(1).pauseReplay();
    await write(2);
    await cluster.replica(2).caughtUp();
    expect(await idsOn('replica-2')).toContain(2);
    expect(await idsOn('replica-1')).not.toContain(2);
    await expect(cluster.replica(1).caughtUp({ timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TESTBED_TIMEOUT',
    });
    await cluster.replica(1).resumeReplay();
    await cluster.replica(1).caughtUp();
    expect(await idsOn('replica-1')).toContain(2);
  });

  it('refuses to pause the primary', async () => {
    await expect(cluster.primary.pauseReplay()).rejects.toMatchObject({
      code: 'TESTBED_ROLE',
      message: 'pauseReplay() is for replicas, and default is a primary: ask cluster.replica(1)',
    });
  });

  it('names the servers it has when it is asked for another', () => {
    expect(() => cluster.replica(3)).toThrow(
      'there is no server "replica-3" in this cluster; it has default, replica-1, replica-2',
    );
  });

  it('still serves the administrator when the application has dropped its database', async () => {
    const second = await startCluster({ ...options, replicas: 1 });
    const elsewhere = options.engine === 'postgres' ? 'postgres' : 'information_schema';
    const app = await appClient({ ...second.primary.database, database: elsewhere }, options);
    await app.query('DROP DATABASE app');
    app.close();
    await second.caughtUp();
    expect(await second.replica(1).query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('holds a lock of an administrator until its session is closed', async () => {
    const key = options.engine === 'postgres' ? 'pg_try_advisory_lock(7)::int' : "GET_LOCK('seven', 0)";
    const lock = async (): Promise<unknown> => (await cluster.primary.query(`SELECT ${key} AS got`))[0]?.['got'];
    const session = await cluster.primary.session();
    await session.query(`SELECT ${key}`);
    expect(await lock()).toBe(0);
    session.close();
    await eventually(async () => (await lock()) === 1);
  });

  it('starts a second cluster beside the first, soon enough', async () => {
    const begin = performance.now();
    const second = await startCluster(options);
    const app = await appClient(second.primary.database, options);
    await app.query('CREATE TABLE only_here (id INT PRIMARY KEY)');
    app.close();
    await second.caughtUp();
    const ms = performance.now() - begin;
    console.info(`${title}: a write is on both replicas ${Math.round(ms)} ms after the start`);
    expect(ms).toBeLessThan(targetMs);
    await write(3);
    await second.stop();
    await cluster.caughtUp();
    expect(await idsOn('replica-1')).toContain(3);
  });
});
