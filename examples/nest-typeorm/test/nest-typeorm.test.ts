import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Program } from '../../../test/support/program.js';
import { databasesFor, type ShopServers, startShopServers } from '../../../test/support/shop-servers.js';
import { describeOn } from '../../../test/support/tested.js';
import { User } from '../../../test/support/user.js';
import type { Order } from '../src/order.js';

const MAIN = new URL('../dist/main.js', import.meta.url);

describeOn('postgres')('NestJS with TypeORM, while no replica replays', () => {
  let shop: ShopServers;
  let program: Program;

  beforeAll(async () => {
    shop = await startShopServers('postgres');
    const env = { DATABASES: databasesFor('typeorm', shop.servers), COOKIE_SECRET: 'a key', PORT: '0' };
    program = await Program.start(MAIN, env);
    await shop.pauseReplay();
  });
  afterAll(async () => {
    await program?.stop();
    await shop?.servers.stop();
  });

  const user = () => new User(program.firstLine);
  const order = async (who: User, path: number | string) => {
    const { title, servedBy } = (await who.get(`/orders/${path}`)).body as Order;
    return { title, by: shop.nameOf(servedBy) };
  };
  const REPLICA = expect.stringMatching(/^replica-/);

  it('a user reads their own new order, and others do not find it yet', async () => {
    const [ada, bob] = [user(), user()];
    const { status, body } = await ada.send('POST', '/orders', { title: 'tea' });
    const { id } = body as Order;
    expect(status).toBe(201);
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await order(ada, id)).toEqual({ title: 'tea', by: 'default' });
      expect((await bob.get(`/orders/${id}`)).status).toBe(404);
    }
  });

  it('a user reads their own change, others read replicas, and everybody a fresh invoice', async () => {
    const [ada, bob] = [user(), user()];
    expect((await ada.send('PUT', '/orders/100', { title: 'cake' })).status).toBe(204);
    expect(await order(ada, 100)).toEqual({ title: 'cake', by: 'default' });
    expect(await order(bob, 100)).toEqual({ title: 'before', by: REPLICA });
    expect(await order(bob, '100/invoice')).toEqual({ title: 'cake', by: 'default' });
    expect(await order(bob, 100)).toEqual({ title: 'before', by: REPLICA });
  });

  it('ends on SIGTERM, and had nothing to complain about', async () => {
    await program.stop();
    expect(program.errors).toBe('');
  });
});
