import { runInSession } from '@sluice/typeorm';
import { Worker } from 'bullmq';
import { dataSource } from './data-source.js';
import { Order } from './order.js';
import { connection, QUEUE, type Receipt, type ReceiptJob } from './receipts.js';

await dataSource.initialize();

const worker = new Worker<ReceiptJob, Receipt>(
  QUEUE,
  ({ data: { order, pins } }) =>
    // one session a job: it reads what the request wrote that enqueued it
    runInSession(() => dataSource.getRepository(Order).findOneBy({ id: order }), { from: pins }),
  { connection, concurrency: 20, removeOnComplete: { age: 60 } },
);
worker.on('error', (error) => console.warn(error.message));

await worker.waitUntilReady();
console.log('waiting for jobs');
process.once('SIGTERM', () => {
  void worker.close().then(() => dataSource.destroy());
});
