import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RedisServer, startRedis } from '@sluice/testbed';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runPairs, tell } from '../../../test/support/pairs.js';
import { Program } from '../../../test/support/program.js';
import { databasesFor, type ShopServers, startShopServers } from '../../../test/support/shop-servers.js';
import { describeOn } from '../../../test/support/tested.js';
import { User } from '../../../test/support/user.js';
import type { Order } from '../src/order.js';

const built = (name: string) => new URL(`../dist/${name}.js`, import.meta.url);
const REPLICA = expect.stringMatching(/^replica-/);

describeOn('postgres', 'redis')('jobs, while no replica replays', () => {
  let shop: ShopServers;
  let redis: RedisServer;
  let env: Record<string, string>;
  let worker: Program;
  let web: Program;

  beforeAll(async () => {
    [shop, redis] = await Promise.all([startShopServers('postgres'), startRedis()]);
    env = {
      DATABASES: databasesFor('typeorm', shop.servers),
      REDIS_URL: `redis://${redis.host}:${redis.port}`,
      PORT: '0',
    };
    [worker, web] = await Promise.all([Program.start(built('worker'), env), Program.start(built('web'), env)]);
    await shop.pauseReplay();
  });
  afterAll(async () => {
    await Promise.all([web?.stop(), worker?.stop()]);
    await Promise.all([shop?.servers.stop(), redis?.stop()]);
  });

  const user = () => new User(web.firstLine);
  const seen = (receipt: unknown) => {
    const { title, servedBy } = receipt as Order;
    return { title, by: shop.nameOf(servedBy) };
  };
  const receipt = async (who: User, id: number) => seen((await who.get(`/orders/${id}/receipt`)).body);

  it('a job of BullMQ reads what the request wrote that enqueued it', async () => {
    const { status, body } = await user().send('POST', '/orders', { title: 'tea' });
    expect([status, seen(body)]).toEqual([201, { title: 'tea', by: 'default' }]);
  });

  it('so does one of a later request of the same user, and jobs of others read replicas', async () => {
    const [ada, bob] = [user(), user()];
    await ada.send('PUT', '/orders/100', { title: 'cake' });
    expect(await receipt(ada, 100)).toEqual({ title: 'cake', by: 'default' });
    expect(await receipt(bob, 100)).toEqual({ title: 'before', by: REPLICA });
  });

  it('so does a program that got the pins as text, and one without them reads a replica', async () => {
    const run = async (...args: string[]): Promise<unknown> => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [fileURLToPath(built('plain')), ...args], {
        env: { ...process.env, ...env },
      });
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    };
    const job = (await run('write', 'ink')) as { readonly order: number; readonly pins: string };
    expect(seen(await run('read', JSON.stringify(job)))).toEqual({ title: 'ink', by: 'default' });
    expect(await run('read', JSON.stringify({ order: job.order }))).toBeNull();
  });

  it('10,000 pairs of 50 users at once, written by a request and read by its job: none stale, and others read replicas', async () => {
    const writers = Array.from({ length: 50 }, (_, index) => {
      const [who, id] = [user(), index + 1];
      let read: unknown;
      return {
        // the answer to the request is what its job read
        write: async (title: string) => void (read = (await who.send('PUT', `/orders/${id}`, { title })).body),
        read: async () => seen(read),
      };
    });
    const others = Array.from({ length: 10 }, (_, index) => {
      const who = user();
      return { read: () => receipt(who, index + 1) };
    });
    const figures = await runPairs({ writers, pairs: 10_000, others, readsOfOthers: 2_000 });
    tell('by job', figures);
    expect(figures).toMatchObject({ pairs: 10_000, stale: 0, readsOfOthers: 2_000 });
    expect(figures.fromReplicas).toBeGreaterThanOrEqual(0.9);
  }, 180_000);

  it('end on SIGTERM, and had nothing to complain about', async () => {
    for (const program of [web, worker]) {
      expect({ code: await program.stop(), errors: program.errors }).toEqual({ code: 0, errors: '' });
    }
  });
});
