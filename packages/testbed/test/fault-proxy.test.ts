import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Cluster, type FaultProxy, faultProxy, startCluster } from '@sluice/testbed';

import { type AppClient, appClient } from './app-client.js';
import { engines } from './engines.js';
import { eventually } from './eventually.js';

describe.each(engines.slice(0, 2))('a proxy in front of $title', ({ options }) => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  const clients: AppClient[] = [];

  const connect = async (timeoutMs?: number): Promise<AppClient> => {
    const address = { ...cluster.primary.database, port: proxy.port };
    const client = await appClient(address, { ...options, timeoutMs });
    clients.push(client);
    return client;
  };
  const one = [{ one: 1 }];
  const timedOut = /timeout|ETIMEDOUT/i;
  const torn = /reset|closed|ended|terminated|lost|EPIPE/i;

  beforeAll(async () => {
    cluster = await startCluster({ ...options, replicas: 0 });
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    proxy = await faultProxy(cluster.primary.database);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy.stop();
  });

  it('passes everything on, also a large answer', async () => {
    const client = await connect();
    const [row] = await client.query("SELECT REPEAT('x', 3000000) AS text");
    expect((row as { text: string }).text).toHaveLength(3_000_000);
    expect(proxy.connections).toBe(1);
  });

  it('lets go of a connection that its client has closed', async () => {
    const client = await connect();
    expect(proxy.connections).toBe(1);
    client.close();
    await eventually(() => proxy.connections === 0);
  });

  it('delays answers by the latency, and no longer after restore()', async () => {
    const client = await connect();
    const time = async (): Promise<number> => {
      const begin = performance.now();
      await client.query('SELECT 1 AS one');
      return performance.now() - begin;
    };
    proxy.latency(100, 50);
    expect(await time()).toBeGreaterThanOrEqual(199);
    await proxy.restore();
    expect(await time()).toBeLessThan(150);
  });

  it('refuses new connections and keeps the open ones, until accept()', async () => {
    const open = await connect();
    await proxy.refuse();
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await open.query('SELECT 1 AS one')).toEqual(one);
    await proxy.accept();
    expect(await (await connect()).query('SELECT 1 AS one')).toEqual(one);
  });

  it('resets the open connections once and serves new ones', async () => {
    const open = await connect();
    proxy.reset();
    await expect(open.query('SELECT 1')).rejects.toThrow(torn);
    expect(await (await connect()).query('SELECT 1 AS one')).toEqual(one);
  });

  it('resets new connections and keeps the open ones, until accept()', async () => {
    const open = await connect();
    proxy.resetNew();
    await expect(connect()).rejects.toThrow(torn);
    expect(await open.query('SELECT 1 AS one')).toEqual(one);
    await proxy.accept();
    expect(await (await connect()).query('SELECT 1 AS one')).toEqual(one);
  });

  it('swallows everything in a black hole, and hands it on after restore()', async () => {
    const patient = await connect();
    const hasty = await connect(100);
    proxy.blackHole();
    let answer: unknown;
    const answered = patient.query('SELECT 1 AS one').then((rows) => (answer = rows));
    await expect(hasty.query('SELECT 1')).rejects.toThrow(timedOut);
    await expect(connect(100)).rejects.toThrow(timedOut);
    expect(answer).toBeUndefined();
    await proxy.restore();
    await answered;
    expect(answer).toEqual(one);
  });

  it('lets a write through whose answer is lost, with a black hole down', async () => {
    const client = await connect(300);
    await client.query('CREATE TABLE lost (id INT)');
    proxy.blackHole('down');
    await expect(client.query('INSERT INTO lost VALUES (1)')).rejects.toThrow(timedOut);
    await eventually(async () => (await cluster.primary.query('SELECT id FROM lost')).length === 1);
  });

  it('keeps a statement from the database, with a black hole up', async () => {
    const client = await connect(200);
    await client.query('CREATE TABLE never (id INT)');
    proxy.blackHole('up');
    await expect(client.query('INSERT INTO never VALUES (1)')).rejects.toThrow(timedOut);
    expect(await cluster.primary.query('SELECT id FROM never')).toEqual([]);
  });

  it('cuts a connection in the middle of an answer', async () => {
    const client = await connect();
    proxy.cutAfter(10_000);
    expect(await client.query('SELECT 1 AS one')).toEqual(one);
    await expect(client.query("SELECT REPEAT('x', 20000) AS text")).rejects.toThrow(torn);
    await proxy.restore();
    expect(await (await connect()).query('SELECT 1 AS one')).toEqual(one);
  });

  it('cuts a connection in the middle of a statement', async () => {
    const client = await connect();
    proxy.cutAfter(10_000, 'up');
    await expect(client.query(`SELECT '${'x'.repeat(20_000)}'`)).rejects.toThrow(torn);
  });

  it('resets the client when the database is down', async () => {
    const nobody = await faultProxy({ port: proxy.port });
    await proxy.refuse();
    const address = { ...cluster.primary.database, port: nobody.port };
    await expect(appClient(address, options)).rejects.toThrow(torn);
    await nobody.stop();
  });

  it('gives its port back after stop()', async () => {
    const client = await connect();
    await proxy.stop();
    await expect(client.query('SELECT 1')).rejects.toThrow(torn);
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
