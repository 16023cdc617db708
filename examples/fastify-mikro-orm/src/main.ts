import { MariaDbDriver, MikroORM } from '@mikro-orm/mariadb';
import { pinning } from '@sluice/http/fastify';
import { PinningReplicaRouter, routed, type MikroOrmDatabase } from '@sluice/mikro-orm';
import { redisPins } from '@sluice/redis';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import { Order } from './order.js';

const { DATABASES = '{ "default": {} }', REDIS_URL = 'redis://127.0.0.1:6379', PORT = '3000' } = process.env;

const orm = await MikroORM.init({
  driver: routed(MariaDbDriver, {
    databases: JSON.parse(DATABASES) as Record<string, MikroOrmDatabase>,
    router: new PinningReplicaRouter(),
  }),
  dbName: 'app',
  entities: [Order],
});

const redis = new Redis(REDIS_URL);
// it connects again by itself, and requests keep to the primary until then
redis.on('error', (error) => console.warn(error.message));

const app = fastify({ forceCloseConnections: true });
await app.register(pinning, {
  // a slow Redis holds a request for so long at most, which keeps to the primary then
  store: redisPins(redis, { timeoutMs: 500 }),
  // no cookie follows these users from one device to the next; whoever checks their tokens has told who they are
  key: ({ raw }) => raw.headers['x-user']?.toString(),
});

interface OrderRequest {
  Params: { id: string };
  Body: { title: string };
}

app.get<OrderRequest>('/orders/:id', async ({ params }, reply) => {
  const order = await orm.em.fork().findOne(Order, Number(params.id));
  return order ?? reply.callNotFound();
});

app.post<OrderRequest>('/orders', async ({ body }, reply) => {
  const em = orm.em.fork();
  const order = em.create(Order, { title: body.title });
  await em.flush();
  return reply.status(201).send(order);
});

app.put<OrderRequest>('/orders/:id', async ({ params, body }, reply) => {
  const changed = await orm.em.fork().nativeUpdate(Order, Number(params.id), { title: body.title });
  return reply.status(changed === 1 ? 204 : 404).send();
});

console.log(await app.listen({ port: Number(PORT), host: '127.0.0.1' }));
process.once('SIGTERM', () => {
  void app.close().then(() => Promise.all([orm.close(), redis.quit()]));
});
