import type { Intent, Lease, StatementInfo } from '@sluice/core';
import { classify, failureOf, isUnanswered } from '@sluice/core';
import type { ReplicationMode } from 'typeorm';
import type { Readable } from 'node:stream';
import type { Attached, Attachment } from './attachment.js';
import { Calls } from './calls.js';
import type { RunnerClass, RunnerInternals } from './internals.js';
import type { Origin } from './origin.js';
import type { RoutedRunner } from './routed-runner.js';
import { type BroadcasterClass, rememberingBroadcaster, rememberSaved } from './loaded.js';
import type { PooledConnection } from './pools/pool.js';
import { rowsChanged, unwrapped } from './result.js';
import type { Routing } from './routing.js';
import { RunnerConnection } from './runner-connection.js';
import { RunnerTransaction } from './runner-transaction.js';
import { type Sending, Statement } from './statement.js';
import { onceOver, streamUnder } from './streams.js';

/**
 * A query runner that asks where each statement goes when it is sent, with its SQL, entity, transaction and scope
 * known. Made over the class of `sample`, the one that the driver itself would use.
 */
export function routedRunnerClass(sample: RunnerInternals, routing: Routing): RunnerClass<RoutedRunner> {
  const { cluster, settings } = routing;
  const { engine } = settings;
  const Broadcaster = rememberingBroadcaster(sample.broadcaster.constructor as BroadcasterClass, routing);

  class RoutedQueryRunner extends (sample.constructor as RunnerClass<RunnerInternals>) implements RoutedRunner {
    readonly #connection = new RunnerConnection(routing);
    readonly calls = new Calls(this.#connection);
    readonly #transaction = new RunnerTransaction(cluster, this.#connection, this);
    /** The connection that TypeORM's own code asks for next. */
    #handing: PooledConnection | undefined;

    constructor(driver: object, mode: ReplicationMode) {
      super(driver, mode);
      this.broadcaster = new Broadcaster(this);
    }

    get servedBy(): string | undefined {
      return this.#connection.database;
    }

    async flushing<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
      this.confine(origin);
      return this.calls.flushing(origin, async () => {
        const result = await work();
        const { database } = this.#connection;
        if (database !== undefined) rememberSaved(origin.instances ?? [], { routing, database });
        return result;
      });
    }

    confine(origin: Origin): void {
      const { lease } = this.#transaction;
      if (lease === undefined || this.calls.hasShown(origin)) return;
      cluster.confine(this.#statement('write', undefined, origin), lease);
    }

    readOnly(isolation: string | undefined): void {
      this.#transaction.declareReadOnly(isolation);
    }

    /** The role of the database that is in use; `mode` says only what was asked for. */
    override getReplicationMode(): ReplicationMode {
      const database = cluster.databases.get(this.#connection.database ?? '');
      if (database === undefined) return this.mode;
      return database.role === 'primary' ? 'master' : 'slave';
    }

    override connect(): Promise<unknown> {
      const handing = this.#handing;
      this.#handing = undefined;
      return handing === undefined ? this.#connectUnasked() : Promise.resolve(handing.raw);
    }

    /** Somebody wants the raw connection: there is no SQL to decide by, so the mode decides. */
    async #connectUnasked(): Promise<unknown> {
      const lend = (attached: Attached): unknown => {
        attached.attachment.exit();
        this.databaseConnection = attached.connection.raw;
        return this.databaseConnection;
      };
      const current = this.#connection.again();
      if (current !== undefined) return lend(await current);
      const intent = this.mode === 'slave' ? 'read' : 'write';
      return cluster.run(this.#statement(intent, undefined), async (lease) => {
        const attached = await this.#connection.take(lease);
        this.#connection.lend(attached);
        return lend(attached);
      });
    }

    override query(sql: string, parameters?: unknown, structured = false): Promise<unknown> {
      // TypeORM's own errors about a released runner
      if (this.isReleased) return super.query(sql, parameters, structured);
      const sending: Sending = { sql, parameters, kind: classify(sql, engine) };
      // builders ask for structured results
      if (!structured && sending.kind === 'write') this.calls.ownSql();
      return structured ? this.#dispatch(sending) : this.#dispatch(sending).then(unwrapped);
    }

    #dispatch(sending: Sending): Promise<unknown> {
      const { lease } = this.#transaction;
      if (lease !== undefined) return this.#sendInTransaction(lease, sending);
      if (this.isTransactionActive || sending.kind === 'session') return this.#open(sending);
      return cluster.run(this.#statementOf(sending), (chosen) =>
        this.#send(chosen, this.#connection.take(chosen), sending),
      );
    }

    /** The first statement of a transaction, or one that changes the state of its connection. */
    async #open(sending: Sending): Promise<unknown> {
      const statement = this.#statement(this.#transaction.intent(this.mode), sending.sql);
      const sql = this.#transaction.sqlOf(sending.sql);
      const { lease, opened } = await cluster.begin(statement, (opening) =>
        this.#send(opening, this.#connection.take(opening), { ...sending, kind: 'session', sql }),
      );
      this.#transaction.opened(lease);
      return opened;
    }

    async #sendInTransaction(lease: Lease, sending: Sending): Promise<unknown> {
      const { kind, sql } = sending;
      // what a builder or a call writes was confined when it asked for its runner
      const { origin } = this.calls;
      const own = origin?.writes === undefined ? origin : {};
      if (kind === 'write' || kind === 'locking') cluster.confine(this.#statement('write', sql, own), lease);
      return this.#transaction.send(lease, kind === 'session' ? sql : '', (attaching) =>
        this.#send(lease, attaching, { ...sending, sql: this.#transaction.sqlOf(sql) }),
      );
    }

    /** Sends one statement through TypeORM's own code, which takes its connection from `connect()` at once. */
    async #send(lease: Lease, attaching: Promise<Attached>, { sql, parameters, kind }: Sending): Promise<unknown> {
      const { attachment, connection } = await attaching;
      try {
        if (kind === 'write') lease.writing();
        else lease.sending();
        this.#handing = connection;
        this.databaseConnection = connection.raw;
        const result = await super.query(sql, parameters, true);
        if (kind === 'write') lease.changed(rowsChanged(sql, result));
        return result;
      } catch (error) {
        this.#judge(attachment, error);
        throw error;
      } finally {
        this.#handing = undefined;
        attachment.exit();
      }
    }

    override async stream(
      sql: string,
      parameters?: unknown,
      onEnd?: () => void,
      onError?: (error: Error) => void,
    ): Promise<Readable> {
      if (this.isReleased) return super.stream(sql, parameters, onEnd, onError);
      const sending: Sending = { sql, parameters, kind: classify(sql, engine) };
      const { lease: transaction } = this.#transaction;
      const open = async (lease: Lease, attaching: Promise<Attached>): Promise<Readable> => {
        const attached = await attaching;
        if (sending.kind === 'write') lease.writing();
        else lease.sending();
        return streamUnder({
          engine,
          lease,
          attached,
          own: transaction === undefined,
          open: () => {
            this.#handing = attached.connection;
            const opening = super.stream(sql, parameters);
            this.#handing = undefined;
            return opening;
          },
          judge: (attachment, error) => this.#judge(attachment, error),
        });
      };
      const stream = await (transaction === undefined
        ? cluster.run(this.#statementOf(sending), (lease) => {
            return open(lease, this.#connection.take(lease)).finally(() => lease.keep());
          })
        : this.#transaction.send(transaction, '', (attaching) => open(transaction, attaching)));
      onceOver(stream, onEnd, onError);
      return stream;
    }

    override async startTransaction(isolation?: string): Promise<void> {
      this.calls.beginTransaction();
      try {
        await super.startTransaction(isolation);
      } catch (error) {
        // TypeORM leaves its flag up if the opening statement fails
        if (this.#transaction.lease === undefined) this.isTransactionActive = false;
        throw error;
      }
    }

    override commitTransaction(): Promise<void> {
      return this.#transaction.commit(() => super.commitTransaction());
    }

    override rollbackTransaction(): Promise<void> {
      return this.#transaction.rollBack(() => super.rollbackTransaction());
    }

    override release(): Promise<void> {
      if (this.isReleased) return Promise.resolve();
      this.isReleased = true;
      this.#transaction.abandon();
      this.#connection.release();
      this.databaseConnection = undefined;
      return Promise.resolve();
    }

    /** Gives up a connection that got no answer, or whose server takes no writes any more. */
    #judge(attachment: Attachment, error: unknown): void {
      const failure = failureOf(engine, error);
      const demoted = failure === 'read-only' && !this.#transaction.isReadOnly;
      if (demoted || isUnanswered(failure)) attachment.breakWith(error as Error);
    }

    #statementOf({ sql, kind }: Sending): Statement {
      const { origin } = this.calls;
      if (kind !== 'read' || origin?.writes !== undefined) return this.#statement('write', sql);
      if (this.mode === 'slave') return this.#statement('read', sql);
      return this.#statement('read', sql, origin, origin?.raw === true ? 'raw' : 'primary');
    }

    #statement(
      intent: Intent,
      sql: string | undefined,
      origin = this.calls.origin,
      home?: StatementInfo['home'],
    ): Statement {
      const starting = routing.starting && intent === 'read';
      return new Statement({
        intent,
        home: starting ? 'anywhere' : home,
        sql,
        origin,
        holder: this.#connection,
      });
    }
  }
  return RoutedQueryRunner;
}
