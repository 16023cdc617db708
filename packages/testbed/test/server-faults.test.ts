import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster, type Server, startCluster } from '@sluice/testbed';

import { type AppClient, appClient } from './app-client.js';
import { engines } from './engines.js';
import { eventually } from './eventually.js';

describe.each(engines)('$title', ({ options }) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster(options);
    const app = await appClient(cluster.primary.database, options);
    await app.query('CREATE TABLE notes (id INT PRIMARY KEY)');
    app.close();
    await cluster.caughtUp();
  });
  afterAll(() => cluster.stop());

  const write = async (id: number): Promise<void> => {
    const app = await appClient(cluster.primary.database, options);
    await app.query(`INSERT INTO notes VALUES (${id})`);
    app.close();
  };
  const has = async (server: Server, id: number): Promise<boolean> => {
    const app = await appClient(server.database, options);
    const rows = await app.query(`SELECT id FROM notes WHERE id = ${id}`);
    app.close();
    return rows.length === 1;
  };

  it('refuses connections to a killed replica and has it caught up after its restart', async () => {
    const replica = cluster.replica(1);
    const open = await appClient(replica.database, options);
    await replica.kill();
    expect(replica.state).toBe('stopped');
    await expect(open.query('SELECT 1')).rejects.toMatchObject({ message: expect.any(String) });
    await expect(appClient(replica.database, options)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(replica.query('SELECT 1')).rejects.toThrow('replica-1 is stopped: restart() it first');
    await write(1);
    await replica.restart();
    await cluster.caughtUp();
    expect(await has(replica, 1)).toBe(true);
  });

  it('keeps what a killed primary has acknowledged, and its replicas find it again', async () => {
    await write(2);
    await cluster.primary.kill();
    await cluster.primary.restart();
    await write(3);
    await cluster.caughtUp();
    expect(await has(cluster.primary, 2)).toBe(true);
    expect(await has(cluster.replica(2), 3)).toBe(true);
  });

  it('restarts a running replica as a replica', async () => {
    const replica = cluster.replica(1);
    await replica.pauseReplay();
    await replica.restart();
    await write(4);
    await replica.caughtUp();
    expect(await has(replica, 4)).toBe(true);
    const app = await appClient(replica.database, options);
    await expect(app.query('INSERT INTO notes VALUES (99)')).rejects.toThrow(/read.only/i);
    app.close();
  });

  it('leaves a frozen replica connected and silent until it is thawed', async () => {
    const replica = cluster.replica(2);
    const open = await appClient(replica.database, { ...options, timeoutMs: 200 });
    await replica.freeze();
    expect(replica.state).toBe('frozen');
    await expect(open.query('SELECT 1')).rejects.toThrow(/timeout/i);
    await expect(appClient(replica.database, { ...options, timeoutMs: 200 })).rejects.toThrow(/timeout|ETIMEDOUT/i);
    await expect(replica.query('SELECT 1', { timeoutMs: 200 })).rejects.toThrow(/timeout|ETIMEDOUT/i);
    await write(5);
    replica.thaw();
    await replica.caughtUp();
    expect(await has(replica, 5)).toBe(true);
    open.close();
  });

  it('stops in order and starts again', async () => {
    const replica = cluster.replica(1);
    await replica.stop();
    expect(replica.state).toBe('stopped');
    await cluster.caughtUp(); // does not wait for one that is stopped
    await replica.restart();
    await write(6);
    await replica.caughtUp();
    expect(await has(replica, 6)).toBe(true);
  });
});

describe.each(engines)('$title with few connections', ({ options }) => {
  let cluster: Cluster;
  const clients: AppClient[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ ...options, replicas: 0, maxConnections: 10 });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await cluster.stop();
  });

  it('refuses one client too many and still serves the administrator', async () => {
    const connect = (): Promise<AppClient> => appClient(cluster.primary.database, options);
    await eventually(async () => {
      const client = await connect().catch(() => undefined); // the start's own connections may still be counted
      if (client !== undefined) clients.push(client);
      return clients.length === 10;
    });
    const refused = options.engine === 'postgres' ? { code: '53300' } : { errno: 1040 };
    await expect(connect()).rejects.toMatchObject(refused);
    expect(await cluster.primary.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
