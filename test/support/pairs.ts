/** What a read saw. */
interface Seen {
  readonly title: string;
  /** The name of the database that answered. */
  readonly by: string | undefined;
}

/** A user who writes and then reads what they wrote. */
interface Writer {
  write(title: string): Promise<void>;
  read(): Promise<Seen>;
}

export interface PairsOptions {
  /** As many as are there at once. */
  readonly writers: readonly Writer[];
  /** Of all writers together. */
  readonly pairs: number;
  /** Users who never write, each of whom reads all the time. */
  readonly others: readonly Pick<Writer, 'read'>[];
  /** Of all others together. */
  readonly readsOfOthers: number;
}

export interface PairFigures {
  readonly pairs: number;
  /** Reads of a writer that did not see the write before. */
  readonly stale: number;
  readonly readsOfOthers: number;
  /** Of these, the part that replicas served: 0 to 1. */
  readonly fromReplicas: number;
  readonly seconds: number;
}

/** Users who write and read, beside users who only read. */
export async function runPairs({ writers, pairs, others, readsOfOthers }: PairsOptions): Promise<PairFigures> {
  const began = performance.now();
  let [done, stale, read, fromReplicas] = [0, 0, 0, 0];
  const writing = writers.map(async (writer, index) => {
    for (let turn = 0; turn < pairs / writers.length; turn += 1) {
      const title = `${index}-${turn}`;
      await writer.write(title);
      if ((await writer.read()).title !== title) stale += 1;
      done += 1;
    }
  });
  const reading = others.map(async (other) => {
    for (let turn = 0; turn < readsOfOthers / others.length; turn += 1) {
      const { by } = await other.read();
      read += 1;
      if (by?.startsWith('replica-') === true) fromReplicas += 1;
    }
  });
  await Promise.all([...writing, ...reading]);
  const seconds = (performance.now() - began) / 1_000;
  return { pairs: done, stale, readsOfOthers: read, fromReplicas: fromReplicas / read, seconds };
}

/** One line for the log. */
export function tell(what: string, { pairs, stale, readsOfOthers, fromReplicas, seconds }: PairFigures): void {
  const share = (fromReplicas * 100).toFixed(1);
  process.stdout.write(
    `${what}: ${pairs} pairs, ${stale} stale; ${readsOfOthers} reads of others, ${share} % from replicas; ${seconds.toFixed(1)} s\n`,
  );
}
