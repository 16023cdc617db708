import { SluiceError } from '@sluice/core';
import type { Borrower, DriverPool } from './pool.js';

/** The pool of one database: what waits for a connection is answered, also when the pool is closed meanwhile. */
export class DatabasePool {
  readonly #name: string;
  readonly #pool: DriverPool;
  /** Mostly served in this order, so not a set: see `inUse` of a connection. */
  #waiting: Borrower[] = [];
  #closed = false;

  constructor(name: string, pool: DriverPool) {
    this.#name = name;
    this.#pool = pool;
  }

  /** The driver's own pool. */
  get raw(): unknown {
    return this.#pool.raw;
  }

  /** Answers with a connection, perhaps at once; or with `SLUICE_CLOSED`, else what the driver says. */
  acquire(borrower: Borrower): void {
    if (this.#closed) {
      borrower.refused(this.#closedError());
      return;
    }
    this.#waiting.push(borrower);
    this.#pool.connect({
      taken: (connection) => {
        if (this.forget(borrower)) borrower.taken(connection);
        else if (this.#closed) connection.destroy(this.#closedError());
        else connection.release();
      },
      refused: (error) => {
        if (this.forget(borrower)) borrower.refused(error);
      },
    });
  }

  /** Ends the wait of one who has not been answered; answers whether there was such a wait. */
  forget(borrower: Borrower): boolean {
    const at = this.#waiting.indexOf(borrower);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** Drops the connections that no one uses now. */
  discardIdle(): void {
    this.#pool.dropIdle();
  }

  /** Closes every connection at once; new ones are opened for who asks next. */
  cut(reason: Error): void {
    for (const borrower of this.#waiting.splice(0)) borrower.refused(reason);
    this.#pool.dropIdle();
    this.#pool.destroy(reason);
  }

  /** Refuses what waits, lets what is under way finish until the deadline, then closes every socket. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const borrower of this.#waiting) borrower.refused(this.#closedError());
    this.#waiting = [];
    this.#pool.end();
    if (this.#pool.inUse > 0) await this.#drain(deadlineMs);
    this.#pool.destroy(this.#closedError());
    // so that whoever still holds a connection has heard of its end
    await new Promise((resolve) => setImmediate(resolve));
  }

  #drain(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#pool.onFreed = () => {
        if (this.#pool.inUse > 0) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #closedError(): SluiceError {
    return new SluiceError(
      'SLUICE_CLOSED',
      `the pool of database ${this.#name} is closed; initialize the data source again first`,
    );
  }
}
