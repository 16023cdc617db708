/** What one shop's requests saw. */
export interface Counts {
  reads: number;
  failedReads: number;
  /** Reads right after a write of the same request that did not show it. */
  staleReads: number;
  writes: number;
  failedWrites: number;
  /** Milliseconds of the slowest read, answered or failed. */
  slowestReadMs: number;
  /** Answered reads by the name of the server that answered. */
  servedBy: Record<string, number>;
  /** The errors of the failed reads and writes: how often each. */
  errors: Record<string, number>;
}

export function noCounts(): Counts {
  return {
    reads: 0,
    failedReads: 0,
    staleReads: 0,
    writes: 0,
    failedWrites: 0,
    slowestReadMs: 0,
    servedBy: {},
    errors: {},
  };
}

export function sum(all: readonly Counts[]): Counts {
  const total = noCounts();
  for (const counts of all) {
    total.reads += counts.reads;
    total.failedReads += counts.failedReads;
    total.staleReads += counts.staleReads;
    total.writes += counts.writes;
    total.failedWrites += counts.failedWrites;
    total.slowestReadMs = Math.max(total.slowestReadMs, counts.slowestReadMs);
    addUp(total.servedBy, counts.servedBy);
    addUp(total.errors, counts.errors);
  }
  return total;
}

export function countOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function addUp(total: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
}
