import { currentSession } from '@sluice/core';
import { pinning } from '@sluice/http/express';
import { Queue, QueueEvents } from 'bullmq';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { dataSource } from './data-source.js';
import { Order } from './order.js';
import { connection, QUEUE, type Receipt, type ReceiptJob } from './receipts.js';

await dataSource.initialize();
const orders = dataSource.getRepository(Order);
const queue = new Queue<ReceiptJob, Receipt>(QUEUE, { connection });
const events = new QueueEvents(QUEUE, { connection });
// each request that waits for its job listens on both
queue.setMaxListeners(0);
events.setMaxListeners(0);
await events.waitUntilReady();

/** Asks the worker for a receipt of an order, and hands the pins of this request on to it. */
async function receiptOf(order: number): Promise<Receipt> {
  const job = await queue.add('print', { order, pins: currentSession()?.export() });
  return job.waitUntilFinished(events);
}

const app = express();
app.use(pinning({ cookie: { secure: process.env['NODE_ENV'] === 'production' } }));
app.use(express.json());

app.post('/orders', async ({ body }, response) => {
  const { title } = body as { title: string };
  const { id } = await orders.save({ title });
  response.status(201).json(await receiptOf(id));
});

app.put('/orders/:id', async ({ params, body }, response) => {
  const id = Number(params.id);
  const { title } = body as { title: string };
  await orders.update({ id }, { title });
  response.json(await receiptOf(id));
});

app.get('/orders/:id/receipt', async ({ params }, response) => {
  response.json(await receiptOf(Number(params.id)));
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  server.close(() => void Promise.all([events.close(), queue.close(), dataSource.destroy()]));
});
