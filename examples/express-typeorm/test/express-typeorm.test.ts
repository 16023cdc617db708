import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runPairs, tell } from '../../../test/support/pairs.js';
import { Program } from '../../../test/support/program.js';
import { databasesFor, type ShopServers, startShopServers } from '../../../test/support/shop-servers.js';
import { describeOn } from '../../../test/support/tested.js';
import { User } from '../../../test/support/user.js';
import type { Order } from '../src/order.js';

const MAIN = new URL('../dist/main.js', import.meta.url);

describeOn('postgres')('Express with TypeORM, while no replica replays', () => {
  let shop: ShopServers;
  let program: Program;

  beforeAll(async () => {
    shop = await startShopServers('postgres');
    program = await Program.start(MAIN, { DATABASES: databasesFor('typeorm', shop.servers), PORT: '0' });
    await shop.pauseReplay();
  });
  afterAll(async () => {
    await program?.stop();
    await shop?.servers.stop();
  });

  const user = () => new User(program.firstLine);
  const order = async (who: User, id: number) => {
    const { title, servedBy } = (await who.get(`/orders/${id}`)).body as Order;
    return { title, by: shop.nameOf(servedBy) };
  };

  it('a user reads their own new order, and others do not find it yet', async () => {
    const [ada, bob] = [user(), user()];
    const { status, body } = await ada.send('POST', '/orders', { title: 'tea' });
    const { id } = body as Order;
    expect(status).toBe(201);
    expect(await order(ada, id)).toEqual({ title: 'tea', by: 'default' });
    expect((await bob.get(`/orders/${id}`)).status).toBe(404);
    expect((await ada.get('/orders/1000000')).status).toBe(404);
  });

  it('a user reads their own change, and others read replicas', async () => {
    const [ada, bob] = [user(), user()];
    const { status, setCookie } = await ada.send('PUT', '/orders/100', { title: 'cake' });
    expect([status, setCookie]).toEqual([204, expect.stringMatching(/^sluice_pin=.*; HttpOnly; SameSite=Lax/)]);
    expect(await order(ada, 100)).toEqual({ title: 'cake', by: 'default' });
    expect(await order(bob, 100)).toEqual({ title: 'before', by: expect.stringMatching(/^replica-/) });
    expect((await ada.send('PUT', '/orders/1000000', { title: 'cake' })).status).toBe(404);
  });

  it('a user without a cookie jar reads old data, so that the pairs below prove something', async () => {
    await user().send('PUT', '/orders/99', { title: 'cake' });
    expect(await order(user(), 99)).toEqual({ title: 'before', by: expect.stringMatching(/^replica-/) });
  });

  it('10,000 pairs of 50 users at once with cookie jars: none stale, and others read replicas', async () => {
    const writers = Array.from({ length: 50 }, (_, index) => {
      const [who, id] = [user(), index + 1];
      const write = async (title: string) => void (await who.send('PUT', `/orders/${id}`, { title }));
      return { write, read: () => order(who, id) };
    });
    const others = Array.from({ length: 10 }, (_, index) => {
      const who = user();
      return { read: () => order(who, index + 1) };
    });
    const figures = await runPairs({ writers, pairs: 10_000, others, readsOfOthers: 5_000 });
    tell('by cookie', figures);
    expect(figures).toMatchObject({ pairs: 10_000, stale: 0, readsOfOthers: 5_000 });
    expect(figures.fromReplicas).toBeGreaterThanOrEqual(0.9);
  }, 180_000);

  it('ends on SIGTERM, and had nothing to complain about', async () => {
    expect({ code: await program.stop(), errors: program.errors }).toEqual({ code: 0, errors: '' });
  });
});
