import { classify, Cluster, PinningReplicaRouter, runInSession } from '@sluice/core';
import { do_not_optimize, measure } from 'mitata';
import type { Row } from './row.js';
import { median } from './statistics.js';

/** Microseconds that a decision may take, by the design. */
const MOST_US = 1;

const SQL =
  'SELECT "Item"."id" AS "Item_id", "Item"."title" AS "Item_title", "Item"."price" AS "Item_price" FROM "item" "Item" WHERE (("Item"."id" = $1)) LIMIT 1';

/** What it costs to decide where one statement goes; nothing is sent anywhere. */
export async function decisions({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const cluster = new Cluster(
    {
      engine: 'postgres',
      databases: { default: {}, 'replica-1': {}, 'replica-2': {} },
      router: new PinningReplicaRouter(),
      probe: 'off',
    },
    { address: () => undefined, discard: () => undefined },
  );
  const read = () => cluster.explain({ intent: 'read' });
  const write = () => cluster.explain({ intent: 'write' });
  const wrote = () =>
    cluster.run({ intent: 'write' }, async (lease) => {
      lease.writing();
      lease.changed(1);
    });
  let texts = 0;
  const timed = async (what: string, work: () => unknown, { isDecision = true } = {}): Promise<Row> => ({
    what,
    sluiceUs: await microseconds(work, quick),
    bytes: bytes(work),
    ...(isDecision && { target: { of: 'sluiceUs', most: MOST_US } }),
  });
  return [
    await timed('decide a read', read),
    await runInSession(() => timed('decide a read, in a session', read)),
    await runInSession(async () => {
      await wrote();
      return timed('decide a read, in a pinned session', read);
    }),
    await timed('decide a write', write),
    await timed('classify a known statement', () => classify(SQL, 'postgres')),
    await timed('classify a new statement', () => classify(`${SQL} -- ${(texts += 1)}`, 'postgres'), {
      isDecision: false,
    }),
    {
      what: 'decide, lease and account a read (cluster.run)',
      sluiceUs: await microseconds(() => cluster.run({ intent: 'read' }, answered), quick),
    },
  ];
}

const answered = (): Promise<void> => Promise.resolve();

async function microseconds(work: () => unknown, quick: boolean): Promise<number> {
  const isAsync = work() instanceof Promise;
  const once = isAsync ? async () => do_not_optimize(await work()) : () => do_not_optimize(work());
  const { p50 } = await measure(once, { min_cpu_time: (quick ? 50 : 640) * 1e6 });
  return p50 / 1_000;
}

/** Bytes of heap that one call takes, from stretches too short for most of them to meet a garbage collection. */
function bytes(work: () => unknown): number {
  const calls = 2_000;
  const taken: number[] = [];
  for (let stretch = 0; stretch < 21; stretch += 1) {
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < calls; call += 1) do_not_optimize(work());
    taken.push((process.memoryUsage().heapUsed - before) / calls);
  }
  return median(taken);
}
