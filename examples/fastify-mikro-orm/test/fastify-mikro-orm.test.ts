import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RedisServer, startRedis } from '@sluice/testbed';
import { runPairs, tell } from '../../../test/support/pairs.js';
import { Program } from '../../../test/support/program.js';
import { databasesFor, type ShopServers, startShopServers } from '../../../test/support/shop-servers.js';
import { describeOn } from '../../../test/support/tested.js';
import { User } from '../../../test/support/user.js';

const MAIN = new URL('../dist/main.js', import.meta.url);

interface Order {
  readonly id: number;
  readonly title: string;
  readonly servedBy: number;
}

describeOn('mariadb', 'redis')('Fastify with MikroORM and Redis, while no replica replays', () => {
  let shop: ShopServers;
  let redis: RedisServer;
  /** Two, as one user may meet either. */
  let programs: readonly Program[] = [];

  beforeAll(async () => {
    [shop, redis] = await Promise.all([startShopServers('mariadb'), startRedis()]);
    const env = {
      DATABASES: databasesFor('mikro-orm', shop.servers),
      REDIS_URL: `redis://${redis.host}:${redis.port}`,
      PORT: '0',
    };
    programs = await Promise.all([Program.start(MAIN, env), Program.start(MAIN, env)]);
    await shop.pauseReplay();
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await Promise.all([shop?.servers.stop(), redis?.stop()]);
  });

  /** Two devices of one user, which share no cookie and meet another process each. */
  const devices = (name: string): readonly [User, User] => {
    const [one, other] = programs.map(({ firstLine }) => new User(firstLine, { 'x-user': name }));
    return [one!, other!];
  };
  const order = async (who: User, id: number) => {
    const { title, servedBy } = (await who.get(`/orders/${id}`)).body as Order;
    return { title, by: shop.nameOf(servedBy) };
  };

  it('a user reads their own new order on another device, and others do not find it yet', async () => {
    const [phone, laptop] = devices('ada');
    const [bob] = devices('bob');
    const { status, body, setCookie } = await phone.send('POST', '/orders', { title: 'tea' });
    const { id } = body as Order;
    expect([status, setCookie]).toEqual([201, null]);
    expect(await order(laptop, id)).toEqual({ title: 'tea', by: 'default' });
    expect(await order(phone, id)).toEqual({ title: 'tea', by: 'default' });
    expect((await bob.get(`/orders/${id}`)).status).toBe(404);
  });

  it('a user reads their own change on another device, and others read replicas', async () => {
    const [phone, laptop] = devices('eve');
    const [bob] = devices('bob');
    expect((await phone.send('PUT', '/orders/100', { title: 'cake' })).status).toBe(204);
    expect(await order(laptop, 100)).toEqual({ title: 'cake', by: 'default' });
    expect(await order(bob, 100)).toEqual({ title: 'before', by: expect.stringMatching(/^replica-/) });
    expect((await phone.send('PUT', '/orders/1000000', { title: 'cake' })).status).toBe(404);
  });

  it('10,000 pairs of 50 users at once through Redis: none stale, and others read replicas', async () => {
    const writers = Array.from({ length: 50 }, (_, index) => {
      const id = index + 1;
      const [phone, laptop] = devices(`writer-${id}`);
      const write = async (title: string) => void (await phone.send('PUT', `/orders/${id}`, { title }));
      return { write, read: () => order(laptop, id) };
    });
    const others = Array.from({ length: 10 }, (_, index) => {
      const [who] = devices(`reader-${index}`);
      return { read: () => order(who, index + 1) };
    });
    const figures = await runPairs({ writers, pairs: 10_000, others, readsOfOthers: 5_000 });
    tell('by Redis', figures);
    expect(figures).toMatchObject({ pairs: 10_000, stale: 0, readsOfOthers: 5_000 });
    expect(figures.fromReplicas).toBeGreaterThanOrEqual(0.9);
  }, 180_000);

  it('ends on SIGTERM, and had nothing to complain about', async () => {
    for (const program of programs) {
      expect({ code: await program.stop(), errors: program.errors }).toEqual({ code: 0, errors: '' });
    }
  });
});
