import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '@sluice/core';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import type { PinOptions } from '@sluice/http';
import { pinning } from '@sluice/http/express';
import { redisPins } from '@sluice/redis';
import { type RedisServer, startRedis } from '@sluice/testbed';
import express from 'express';
import { Redis } from 'ioredis';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeOn } from '../../../test/support/tested.js';
import { User } from '../../../test/support/user.js';

const PRIMARY = { by: 'default' };
const REPLICA = { by: expect.stringMatching(/^replica-/) };

describeOn('redis')('requests whose pins are in Redis', () => {
  let redis: RedisServer;
  let client: Redis;
  let orm: FakeOrm;
  const servers: Server[] = [];
  let ids = 0;

  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis({ host: redis.host, port: redis.port, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  beforeEach(() => {
    orm = new FakeOrm(new FakeServers(), { router: new PinningReplicaRouter() });
  });
  afterEach(async () => {
    redis.thaw();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await orm.close();
  });
  afterAll(async () => {
    client?.disconnect();
    await redis?.stop();
  });

  /** Starts one more process of the application, as it were; all of them know the same users. */
  async function application(options: PinOptions<IncomingMessage> = {}, timeoutMs = 10_000): Promise<string> {
    const app = express();
    const store = redisPins(client, { timeoutMs });
    const key = ({ headers }: IncomingMessage) => headers['x-user']?.toString();
    app.use(pinning({ store, key, skip: ({ url }) => url === '/asset', ...options }));
    app.get('/write', async (_request, response) => {
      await orm.write(1, 'written');
      response.json(await orm.read(1));
    });
    app.get('/nothing', async (_request, response) => {
      await orm.writeNothing();
      response.json(await orm.read(1));
    });
    app.use(async (_request, response) => {
      response.json(await orm.read(1));
    });
    const server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const newId = (): string => `user-${(ids += 1)}`;
  const user = (url: string, id = newId()): User => new User(url, { 'x-user': id });

  /** What the application asks of Redis during `work`; what a script does there is no round trip. */
  async function asked(work: () => Promise<unknown>): Promise<readonly string[]> {
    const monitor = await client.monitor();
    const commands: string[] = [];
    const over = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, [command = '']: readonly string[], source: string) => {
        if (command === 'echo') resolve();
        else if (source !== 'lua') commands.push(command);
      });
    });
    await work();
    await client.echo('over');
    await over;
    monitor.disconnect();
    return commands;
  }

  it.each<[string, PinOptions<IncomingMessage>, method: string, path: string, commands: readonly string[]]>([
    ['a request that reads: one, before its handler', {}, 'GET', '/', ['get']],
    ['one that reads and pins nothing: the same', {}, 'GET', '/nothing', ['get']],
    ['one whose method writes: one, before its response ends', {}, 'POST', '/', ['eval']],
    ['one that wrote although its method reads: both', {}, 'GET', '/write', ['get', 'eval']],
    ['the same where only methods pin: one', { pinOn: 'method' }, 'GET', '/write', ['get']],
    ['one that writes where only writes pin, and did not: one', { pinOn: 'write' }, 'POST', '/', ['get']],
    ['one that is skipped: none', {}, 'POST', '/asset', []],
    ['one of nobody: none', { key: () => undefined }, 'POST', '/', []],
    ['any with a window of 0: none', { pinSeconds: 0 }, 'GET', '/write', []],
  ])('make so many round trips: %s', async (_what, options, method, path, commands) => {
    const ada = user(await application(options));
    expect(await asked(() => ada.send(method, path))).toEqual(commands);
  });

  it('are pinned in each process by a write in any', async () => {
    const [phone, laptop] = [await application(), await application()];
    const id = newId();
    expect((await user(laptop, id).get('/')).body).toMatchObject(REPLICA);
    await user(phone, id).get('/write');
    expect((await user(laptop, id).get('/')).body).toMatchObject(PRIMARY);
    expect((await user(laptop).get('/')).body).toMatchObject(REPLICA);
  });

  it.each([
    ['garbage', (key: string) => client.set(key, 'ÿ\0{"pins":true}')],
    ['another version', (key: string) => client.set(key, '9.shop~mi9z0000~')],
    ['a pin that is broken', (key: string) => client.set(key, '1.shop~mi9z0000')],
    ['a pin until the year 5000', (key: string) => client.set(key, `1.~${Date.UTC(5000, 0, 1).toString(36)}~`)],
    ['8 KB', (key: string) => client.set(key, `1.~${'0'.repeat(8_192)}~`)],
    ['a list', (key: string) => client.lpush(key, 'cart')],
    ['a hash', (key: string) => client.hset(key, 'cart', '1')],
  ])('keep to the primary and go on where Redis lies: %s', async (_what, lie) => {
    const id = newId();
    await lie(`sluice:pin:${id}`);
    const ada = user(await application(), id);
    expect(await ada.get('/')).toMatchObject({ status: 200, body: PRIMARY });
    expect(await ada.get('/write')).toMatchObject({ status: 200, body: PRIMARY });
    expect(await ada.get('/')).toMatchObject({ status: 200, body: PRIMARY });
  });

  it('keep to the primary and go on within the time-out while Redis is frozen', async () => {
    const ada = user(await application({}, 100));
    await redis.freeze();
    const began = performance.now();
    expect(await ada.get('/')).toMatchObject({ status: 200, body: PRIMARY });
    expect(await ada.post('/')).toMatchObject({ status: 200, body: PRIMARY });
    const elapsed = performance.now() - began;
    expect(elapsed).toBeGreaterThan(2 * 100 - 20);
    expect(elapsed).toBeLessThan(2 * 100 + 1_000);
  });

  it('keep to the primary while Redis is dead, and after it came back without the pins it was not given', async () => {
    const url = await application({}, 500);
    const [ada, bob] = [user(url), user(url)];
    await redis.kill();
    expect(await bob.get('/')).toMatchObject({ status: 200, body: PRIMARY });
    expect(await ada.get('/write')).toMatchObject({ status: 200, body: PRIMARY });
    await redis.restart();
    await client.ping();
    await client.flushall();
    expect(await ada.get('/')).toMatchObject({ status: 200, body: PRIMARY });
    expect(await bob.get('/')).toMatchObject({ status: 200, body: REPLICA });
  });
});
