import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PinStore } from '@sluice/core';
import { Session } from '@sluice/core';
import { redisPins } from '@sluice/redis';
import type { RedisServer } from '@sluice/testbed';
import { startRedis } from '@sluice/testbed';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describeOn } from '../../../test/support/tested.js';

interface Client {
  readonly pins: (options?: { readonly timeoutMs?: number }) => PinStore;
  readonly get: (key: string) => Promise<unknown>;
  readonly set: (key: string, value: string) => Promise<unknown>;
  readonly list: (key: string, value: string) => Promise<unknown>;
  readonly pttl: (key: string) => Promise<number>;
  readonly close: () => unknown;
}

async function ioredis({ host, port }: RedisServer): Promise<Client> {
  const client = new Redis({ host, port, lazyConnect: true, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.connect();
  return {
    pins: (options) => redisPins(client, { timeoutMs: 10_000, ...options }),
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    list: (key, value) => client.lpush(key, value),
    pttl: (key) => client.pttl(key),
    close: () => client.disconnect(),
  };
}

async function nodeRedis({ host, port }: RedisServer): Promise<Client> {
  const client = createClient({ socket: { host, port } });
  client.on('error', () => undefined);
  await client.connect();
  return {
    pins: (options) => redisPins(client, { timeoutMs: 10_000, ...options }),
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    list: (key, value) => client.lPush(key, value),
    pttl: (key) => client.pTTL(key),
    close: () => client.destroy(),
  };
}

/** A pin of a cluster for so long from now, as `session.export()` writes it. */
const pin = (cluster: string, ms: number, primary = ''): string =>
  `1.${cluster}~${(Date.now() + ms).toString(36)}~${primary}`;

describeOn('redis').each([
  ['ioredis', ioredis],
  ['node-redis', nodeRedis],
] as const)('pins in Redis over %s', (_name, open) => {
  let server: RedisServer;
  let client: Client;
  let ids = 0;
  const newId = (): string => `user-${(ids += 1)}`;

  beforeAll(async () => {
    server = await startRedis();
    client = await open(server);
  });
  afterEach(() => server.thaw());
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  it('are found under their id until they are over, and the key with them', async () => {
    const id = newId();
    await client.pins().save(id, pin('shop', 5_000, 'primary-b'));
    const session = new Session({ from: await client.pins().load(id) });
    expect(session.pinned('shop')).toBe(true);
    expect(session.primary('shop')).toBe('primary-b');
    const left = await client.pttl(`sluice:pin:${id}`);
    expect(left).toBeGreaterThan(3_000);
    expect(left).toBeLessThanOrEqual(5_000);
    expect(await client.pins().load(newId())).toBeUndefined();
  });

  it('are never shortened, also not by many at once, and keep each cluster’s longest', async () => {
    const id = newId();
    const lengths = Array.from({ length: 200 }, (_, index) => 1_000 + ((index * 7_919) % 9_000));
    await Promise.all(
      lengths.map((ms, index) => client.pins({ timeoutMs: 5_000 }).save(id, pin(index % 2 === 0 ? 'a' : 'b', ms))),
    );
    const text = String(await client.pins().load(id));
    const longest = (parity: number): number => Math.max(...lengths.filter((_, index) => index % 2 === parity));
    for (const [cluster, parity] of [
      ['a', 0],
      ['b', 1],
    ] as const) {
      const until = Number.parseInt(new RegExp(`\\.${cluster}~(\\w+)~`).exec(text)?.[1] ?? '', 36);
      expect(Math.abs(until - Date.now() - longest(parity))).toBeLessThan(5_000);
      expect(text.split(`.${cluster}~`)).toHaveLength(2);
    }
  });

  it('drop what is over when more is added', async () => {
    const id = newId();
    await client.pins().save(id, pin('new', 5_000));
    await client.pins().save(id, pin('old', -1));
    expect(await client.pins().load(id)).not.toContain('old');
  });

  it.each([
    ['something else', '{"cart":1}'],
    ['another version', '2.shop~mi9z0000~'],
    ['a broken pin', '1.shop~mi9z0000'],
    ['a pin that lasts longer than a day', pin('shop', 90_000_000)],
    ['nothing', ''],
  ])('refuse %s under their key', async (_what, value) => {
    const id = newId();
    await client.set(`sluice:pin:${id}`, value);
    await expect(client.pins().load(id)).rejects.toMatchObject({ code: 'SLUICE_CONFIG' });
  });

  it('refuse a key of another type, also to save there', async () => {
    const id = newId();
    await client.list(`sluice:pin:${id}`, 'cart');
    await expect(client.pins().load(id)).rejects.toThrow('WRONGTYPE');
    await expect(client.pins().save(id, pin('shop', 5_000))).rejects.toThrow('WRONGTYPE');
  });

  it('replace what is no pin, or lasts longer than a day', async () => {
    const id = newId();
    for (const value of ['{"cart":1}', pin('shop', 90_000_000)]) {
      await client.set(`sluice:pin:${id}`, value);
      const saved = pin('shop', 5_000);
      await client.pins().save(id, saved);
      expect(await client.pins().load(id)).toBe(saved);
      expect(await client.pttl(`sluice:pin:${id}`)).toBeLessThanOrEqual(5_000);
    }
  });

  it('are not late because this process was busy', async () => {
    const loading = client.pins({ timeoutMs: 20 }).load(newId());
    const until = performance.now() + 500;
    while (performance.now() < until);
    expect(await loading).toBeUndefined();
  });

  it('are given up on within the time-out while Redis is frozen', async () => {
    await server.freeze();
    const began = performance.now();
    await expect(client.pins({ timeoutMs: 40 }).load('frozen')).rejects.toMatchObject({ code: 'SLUICE_TIMEOUT' });
    await expect(client.pins({ timeoutMs: 40 }).save('frozen', pin('a', 1_000))).rejects.toMatchObject({
      code: 'SLUICE_TIMEOUT',
    });
    expect(performance.now() - began).toBeLessThan(1_000);
    server.thaw();
    expect(await client.pins({ timeoutMs: 5_000 }).load('nobody')).toBeUndefined();
  });

  it('are given up on while Redis is dead, and kept again when it is back', async () => {
    await server.kill();
    await expect(client.pins({ timeoutMs: 40 }).load('dead')).rejects.toThrow(/./);
    await server.restart();
    const id = newId();
    const pins = client.pins({ timeoutMs: 10_000 });
    await pins.save(id, pin('shop', 60_000));
    expect(await pins.load(id)).toContain('shop');
  });
});

describe('bad input', () => {
  it.each([
    [{}, {}, /redisPins got an object of class Object/],
    [{ get: () => undefined, eval: () => undefined }, { timeoutMs: 0 }, /timeoutMs is 0/],
    [{ get: () => undefined, eval: () => undefined }, { prefx: 'a' }, /did you mean "prefix"/],
  ])('%j with %j is refused', (client, options, message) => {
    expect(() => redisPins(client as never, options as never)).toThrow(message);
  });
});
