// The plain case: pins are text, and travel in whatever carries a job: a row, a file, a message, an argument.
//   plain.js write <title>   writes an order, and prints the job that follows
//   plain.js read <job>      does that job, elsewhere and later, and prints what it sees
import { runInSession } from '@sluice/typeorm';
import { dataSource } from './data-source.js';
import { Order } from './order.js';
import type { ReceiptJob } from './receipts.js';

const [step, argument = ''] = process.argv.slice(2);
await dataSource.initialize();
const orders = dataSource.getRepository(Order);

if (step === 'write') {
  const job = await runInSession(async (session): Promise<ReceiptJob> => {
    const { id } = await orders.save({ title: argument });
    return { order: id, pins: session.export() };
  });
  console.log(JSON.stringify(job));
} else {
  const { order, pins } = JSON.parse(argument) as ReceiptJob;
  const seen = await runInSession(() => orders.findOneBy({ id: order }), { from: pins });
  console.log(JSON.stringify(seen));
}

await dataSource.destroy();
