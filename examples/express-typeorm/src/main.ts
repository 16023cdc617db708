import { pinning } from '@sluice/http/express';
import { PinningReplicaRouter, RoutedDataSource, type TypeOrmDatabase } from '@sluice/typeorm';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { Order } from './order.js';

const { DATABASES = '{ "default": {} }', PORT = '3000', COOKIE_SECRET, NODE_ENV } = process.env;

const dataSource = await new RoutedDataSource(
  { type: 'postgres', entities: [Order] },
  {
    databases: JSON.parse(DATABASES) as Record<string, TypeOrmDatabase>,
    router: new PinningReplicaRouter(),
  },
).initialize();
const orders = dataSource.getRepository(Order);

const app = express();
app.use(
  pinning({
    secrets: COOKIE_SECRET === undefined ? [] : [COOKIE_SECRET],
    cookie: { secure: NODE_ENV === 'production' },
  }),
);
app.use(express.json());

app.get('/orders/:id', async ({ params }, response) => {
  const order = await orders.findOneBy({ id: Number(params.id) });
  response.status(order === null ? 404 : 200).json(order);
});

app.post('/orders', async ({ body }, response) => {
  const { title } = body as { title: string };
  response.status(201).json(await orders.save({ title }));
});

app.put('/orders/:id', async ({ params, body }, response) => {
  const { title } = body as { title: string };
  const { affected } = await orders.update({ id: Number(params.id) }, { title });
  response.sendStatus(affected === 1 ? 204 : 404);
});

const server = app.listen(Number(PORT), () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  server.close(() => void dataSource.destroy());
});
