import type { Cluster, Intent, Lease, Outcome } from '@sluice/core';
import { commitFailed, failureOf, isUnanswered, SluiceError } from '@sluice/core';
import type { ReplicationMode } from 'typeorm';
import type { Attached } from './attachment.js';
import type { RunnerConnection } from './runner-connection.js';
import type { ReadOnly } from './transaction-sql.js';
import { declared, endedByHand, mayRunOnReplica } from './transaction-sql.js';

/** TypeORM's own account of a transaction, kept by the query runner. */
interface Flags {
  isTransactionActive: boolean;
  transactionDepth: number;
}

/** The open transaction of one query runner, or a connection whose state the caller has changed by hand. */
export class RunnerTransaction {
  readonly #cluster: Cluster;
  readonly #connection: RunnerConnection;
  readonly #flags: Flags;
  #lease: Lease | undefined;
  #readOnly: ReadOnly | undefined;

  constructor(cluster: Cluster, connection: RunnerConnection, flags: Flags) {
    this.#cluster = cluster;
    this.#connection = connection;
    this.#flags = flags;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Whether it was declared before it began that it only reads. */
  get isReadOnly(): boolean {
    return this.#readOnly !== undefined;
  }

  declareReadOnly(isolation: string | undefined): void {
    this.#readOnly = { isolation };
  }

  /** As what its opening is routed; `mode` counts for one that a caller opens by hand. */
  intent(mode: ReplicationMode): Intent {
    if (!this.#flags.isTransactionActive) return mode === 'slave' ? 'read' : 'write';
    return this.#readOnly !== undefined && mayRunOnReplica(this.#readOnly) ? 'read' : 'write';
  }

  /** A statement of this transaction as it is sent. */
  sqlOf(sql: string): string {
    return declared(sql, this.#flags.isTransactionActive ? this.#readOnly : undefined);
  }

  opened(lease: Lease): void {
    this.#lease = lease;
  }

  /**
   * Sends a statement on the transaction's connection, and on no other.
   * @throws SluiceError `SLUICE_CLOSED` if that connection was lost
   */
  async send<T>(lease: Lease, sql: string, work: (attached: Promise<Attached>) => Promise<T>): Promise<T> {
    const attached = this.#connection.again();
    if (attached === undefined) {
      throw new SluiceError(
        'SLUICE_CLOSED',
        `the connection of this transaction on ${lease.database.name} was lost, and its changes with it; run the transaction again from its start`,
      );
    }
    try {
      const result = await work(attached);
      const ended = this.#flags.isTransactionActive ? undefined : endedByHand(sql);
      if (ended !== undefined) this.end(ended);
      return result;
    } catch (error) {
      if (!this.isReadOnly) this.#cluster.failedInside(lease, error);
      throw error;
    }
  }

  async commit(stock: () => Promise<void>): Promise<void> {
    const lease = this.#lease;
    const sendable = this.#flags.transactionDepth <= 1 && this.#connection.usable;
    try {
      await stock();
    } catch (error) {
      const { engine } = this.#cluster;
      const sent = sendable && this.#flags.isTransactionActive && lease !== undefined;
      throw sent && isUnanswered(failureOf(engine, error)) ? commitFailed(engine, lease, error) : error;
    } finally {
      // also when a subscriber throws after it
      if (!this.#flags.isTransactionActive) this.end('committed');
    }
  }

  async rollBack(stock: () => Promise<void>): Promise<void> {
    if (this.#flags.isTransactionActive && !this.#connection.usable) {
      // the server rolled it back when the connection went
      this.#flags.isTransactionActive = false;
      this.#flags.transactionDepth = 0;
      this.end('rolled-back');
      return;
    }
    try {
      await stock();
    } finally {
      if (!this.#flags.isTransactionActive) this.end('rolled-back');
    }
  }

  /** The runner is released: neither locks nor what its caller has set may reach the next user of the connection. */
  abandon(): void {
    if (this.#lease === undefined) return;
    this.#connection.breakWith(new Error('the query runner was released with its transaction open'));
    this.end(this.#flags.isTransactionActive ? 'rolled-back' : 'committed');
  }

  end(outcome: Outcome): void {
    const lease = this.#lease;
    this.#lease = undefined;
    this.#readOnly = undefined;
    lease?.end(outcome);
  }
}
