import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Cluster, type Server, startCluster } from '@sluice/testbed';

import { appClient } from './app-client.js';
import { engines } from './engines.js';

// MySQL waits 10 s before it ends a primary that has replicas
describe.each(engines.filter(({ options }) => options.engine !== 'mysql'))('$title', ({ options }) => {
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await startCluster(options);
    const app = await appClient(cluster.primary.database, options);
    await app.query('CREATE TABLE notes (id INT PRIMARY KEY)');
    app.close();
    await cluster.caughtUp();
  });
  afterEach(() => cluster.stop());

  const write = async (server: Server, id: number): Promise<void> => {
    const app = await appClient(server.database, options);
    await app.query(`INSERT INTO notes VALUES (${id})`);
    app.close();
  };
  const idsOn = async (server: Server): Promise<readonly unknown[]> => {
    const app = await appClient(server.database, options);
    const rows = await app.query('SELECT id FROM notes ORDER BY id');
    app.close();
    return rows.map((row) => (row as { id: number }).id);
  };

  it('replaces a killed primary, which comes back as a replica', async () => {
    await write(cluster.primary, 1);
    await cluster.caughtUp();
    await cluster.primary.kill();
    await cluster.replica(1).promote();
    expect(cluster.primary.name).toBe('replica-1');
    expect(cluster.databases['default']?.role).toBe('replica');
    await write(cluster.primary, 2);
    await cluster.replica(2).caughtUp();
    expect(await idsOn(cluster.replica(2))).toEqual([1, 2]);
    await cluster.server('default').restart();
    await cluster.caughtUp();
    expect(await idsOn(cluster.server('default'))).toEqual([1, 2]);
    await expect(write(cluster.server('default'), 3)).rejects.toThrow(/read.only/i);
  });

  it('loses nothing that any replica has received', async () => {
    await cluster.replica(1).kill();
    await write(cluster.primary, 1);
    await cluster.replica(2).caughtUp();
    await cluster.primary.kill();
    await cluster.replica(1).restart();
    await cluster.replica(1).promote();
    expect(await idsOn(cluster.primary)).toEqual([1]);
    await write(cluster.primary, 2);
    await cluster.replica(2).caughtUp();
    expect(await idsOn(cluster.replica(2))).toEqual([1, 2]);
  });

  it('takes over from a running primary, which becomes a replica', async () => {
    await write(cluster.primary, 1);
    await cluster.replica(2).promote();
    expect(await idsOn(cluster.primary)).toEqual([1]);
    await write(cluster.primary, 2);
    await cluster.caughtUp();
    expect(await idsOn(cluster.server('default'))).toEqual([1, 2]);
    expect(await idsOn(cluster.replica(1))).toEqual([1, 2]);
  });

  it('hands over also what was written in the last moment', async () => {
    const small = await startCluster({ ...options, replicas: 1 });
    const app = await appClient(small.primary.database, options);
    await app.query(`CREATE TABLE letters (id INT, body ${options.engine === 'postgres' ? 'TEXT' : 'LONGTEXT'})`);
    await Promise.all(
      Array.from({ length: 20 }, (_, id) => app.query(`INSERT INTO letters VALUES (${id}, REPEAT('x', 2000000))`)),
    );
    app.close();
    await small.replica(1).promote();
    expect(await small.primary.query('SELECT id FROM letters')).toHaveLength(20);
    await small.stop();
  });

  it('leaves a frozen primary in its belief until its restart', async () => {
    const old = cluster.primary;
    await old.freeze();
    await cluster.replica(1).promote();
    await write(cluster.primary, 1);
    old.thaw();
    await write(old, 2);
    await cluster.replica(2).caughtUp();
    expect(await idsOn(cluster.replica(2))).toEqual([1]);
    await old.restart();
    await cluster.caughtUp();
    expect(await idsOn(old)).toEqual([1]);
  });
});
