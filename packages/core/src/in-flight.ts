/** A read that waits, and its neighbours in the list. */
export interface Waiting {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  older: Waiting | undefined;
  newer: Waiting | undefined;
  /** Its database is frozen. */
  abandon(reason: Error): void;
}

/** Statements in a row; as many errors as make Envoy eject a host (`consecutive_5xx`). */
const MOST_LOSSES = 5;

/**
 * The plain reads that wait for one database, oldest first: a list through the reads' leases themselves, so that keeping it
 * costs nothing. Transactions, and streams that have begun, are none of them: nobody may answer those instead.
 */
export class InFlight {
  #oldest: Waiting | undefined;
  #newest: Waiting | undefined;
  #answeredAt = -Infinity;
  #losses = 0;

  /** When the oldest of them was sent out; undefined: there is none. */
  get oldestAt(): number | undefined {
    return this.#oldest?.startedAt;
  }

  /** When this database last answered anything. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  add(read: Waiting): void {
    read.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = read;
    else this.#newest.newer = read;
    this.#newest = read;
  }

  remove(read: Waiting): void {
    const { older, newer } = read;
    if (older === undefined && newer === undefined && this.#oldest !== read) return;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    read.older = undefined;
    read.newer = undefined;
  }

  answered(now: number): void {
    this.#answeredAt = now;
  }

  /** A statement was served. */
  served(now: number): void {
    this.#answeredAt = now;
    this.#losses = 0;
  }

  /** A statement has lost its connection. Answers whether too many have since the last one was served. */
  lost(): boolean {
    this.#losses += 1;
    return this.#losses >= MOST_LOSSES;
  }

  /** Fails all that wait; each may then be answered by another database. */
  abandon(reason: Error): void {
    const waiting: Waiting[] = [];
    for (let read = this.#oldest; read !== undefined; read = read.newer) waiting.push(read);
    for (const read of waiting) read.abandon(reason);
  }
}
