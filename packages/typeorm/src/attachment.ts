import type { Carrier } from '@sluice/core';
import type { DatabasePool } from './pools/database-pool.js';
import type { Borrower, PooledConnection } from './pools/pool.js';

/** A connection in use; whoever was given it calls `attachment.exit()`. */
export interface Attached {
  readonly attachment: Attachment;
  readonly connection: PooledConnection;
}

/**
 * A connection while a query runner uses it. A runner may move on while statements are still under way here, so the
 * connection is given back when the last of them has ended, and closed if it is not what it was.
 */
export class Attachment implements Borrower, Carrier {
  readonly database: string;
  readonly #pool: DatabasePool;
  readonly #ready: Promise<Attached>;
  #resolve!: (attached: Attached) => void;
  #reject!: (error: Error) => void;
  #connection: PooledConnection | undefined;
  #users = 0;
  #left = false;
  #broken: Error | undefined;

  constructor(database: string, pool: DatabasePool) {
    this.database = database;
    this.#pool = pool;
    this.#ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    pool.acquire(this);
  }

  taken(connection: PooledConnection): void {
    this.#connection = connection;
    this.#resolve({ attachment: this, connection });
    this.#giveBack();
  }

  refused(error: Error): void {
    this.#broken = error;
    this.#reject(error);
  }

  /** Whether it can still carry statements. */
  get usable(): boolean {
    return !this.#left && this.#failure === undefined;
  }

  /** A statement begins to use the connection: it gets it, or hears why not, and then has nothing to exit. */
  enter(): Promise<Attached> {
    this.#users += 1;
    return this.#ready;
  }

  /** A statement has ended. */
  exit(): void {
    this.#users -= 1;
    this.#giveBack();
  }

  /** The connection is busy with something its caller has given up on: it is closed, never reused. */
  breakWith(error: Error): void {
    this.#broken ??= error;
  }

  /** Its database does not answer any more: what is under way here fails now, or the wait for a connection ends. */
  giveUp(reason: Error): void {
    this.#broken ??= reason;
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) connection.destroy(reason);
    else if (this.#pool.forget(this)) this.#reject(reason);
  }

  /** The runner moves on. */
  leave(): void {
    this.#left = true;
    this.#giveBack();
  }

  get #failure(): Error | undefined {
    return this.#broken ?? this.#connection?.lost;
  }

  #giveBack(): void {
    if (!this.#left || this.#users > 0 || this.#connection === undefined) return;
    const connection = this.#connection;
    const failure = this.#failure;
    this.#connection = undefined;
    if (failure === undefined) connection.release();
    else connection.destroy(failure);
  }
}
