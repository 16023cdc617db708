import type { Adapter } from './adapter.js';
import type { ClusterIdentity } from './affinity.js';
import { type Attempt, attempts } from './attempts.js';
import { type ClusterOptions, type Config, configOf, type DatabaseOptions } from './config.js';
import { currentFrame } from './context.js';
import type { Database, Databases } from './databases.js';
import { confine } from './decide.js';
import type { Engine } from './engine.js';
import type { ClusterEvent, Listener } from './events.js';
import { failureOf } from './failure.js';
import type { Lease } from './lease.js';
import type { DrainOptions } from './membership.js';
import { allowsMigrate, migrationTargets } from './migration.js';
import { InTransaction, type StatementInfo } from './request.js';
import { Retries, type RetryableOptions } from './retryable.js';
import type { Route } from './route.js';
import type { MigrateRequest, Model, ObjectRef } from './router.js';
import { choose } from './selection/select.js';
import { Serving } from './serving.js';

/** The databases that hold the same data, with their routers, health and sessions: the one joint that knows all. */
export class Cluster<D extends DatabaseOptions = DatabaseOptions> implements ClusterIdentity {
  readonly name: string;
  readonly engine: Engine;
  readonly #config: Config;
  readonly #serving: Serving;
  readonly #retries: Retries;

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(options: ClusterOptions, adapter: Adapter<D>) {
    const config = configOf(options.databases, options);
    this.name = config.name;
    this.engine = options.engine;
    this.#config = config;
    this.#serving = new Serving(this, options.engine, config, adapter);
    this.#retries = new Retries(options.engine, config.clock);
  }

  /** All databases as last seen. */
  get databases(): Databases {
    return this.#serving.health.databases;
  }

  now(): number {
    return this.#config.clock.now();
  }

  on<E extends ClusterEvent>(event: E, listener: Listener<E>): this {
    this.#serving.events.on(event, listener);
    return this;
  }

  off<E extends ClusterEvent>(event: E, listener: Listener<E>): this {
    this.#serving.events.off(event, listener);
    return this;
  }

  /** Begins to serve, and to check the databases in the background; also again after `close()`. */
  open(): void {
    this.#serving.closed = false;
    this.#retries.open();
    this.#serving.health.start();
  }

  /** Stops the checks; statements are refused with `SLUICE_CLOSED` from here on. */
  close(): void {
    this.#serving.closed = true;
    this.#retries.close();
    this.#serving.health.stop();
    this.#serving.membership.close();
  }

  /**
   * Where such a statement would go and why; nothing is run. The routers are asked as for a statement, so a round
   * robin moves on.
   * @throws SluiceError as the statement would
   */
  explain(info: StatementInfo): Route {
    const route = this.#serving.route(info, info.frame ?? currentFrame(), []);
    if (route === undefined) throw this.#serving.nothingLeft(info);
    return route;
  }

  /**
   * Runs a statement outside a transaction: chooses, attempts, judges the error, and asks the next database while
   * that cannot do harm. The lease ends with the attempt, unless the attempt keeps it.
   * @throws SluiceError `SLUICE_NO_DATABASE`, `SLUICE_OVERLOADED`, `SLUICE_OUTCOME_UNKNOWN`, those of a decision; else what the attempt threw
   */
  run<T>(info: StatementInfo, attempt: Attempt<T>): Promise<T> {
    if (info.intent === 'read') this.#serving.budget.deposit();
    return attempts(this.#serving, info, attempt);
  }

  /**
   * Opens a transaction: `open` gets the connection and sends the opening statement. An opening that is lost on its
   * way has changed nothing, so it moves on like a read. The lease is held until `lease.end(outcome)`.
   */
  begin<T>(info: StatementInfo, open: Attempt<T>): Promise<{ readonly lease: Lease; readonly opened: T }> {
    const keeping: Attempt<{ lease: Lease; opened: T }> = async (lease) => {
      const opened = await open(lease);
      lease.keep();
      return { lease, opened };
    };
    return attempts(this.#serving, new InTransaction(info), keeping);
  }

  /**
   * Runs one transaction, such as `() => dataSource.transaction(…)`, and again if it failed for a reason that may pass and
   * nothing of it has happened: its connection was lost before COMMIT was sent, none was to be had, the database is not
   * ready or read only, a deadlock, a serialization failure, a lock waited for too long. Never after
   * `SLUICE_OUTCOME_UNKNOWN`, an error of the application, or once anything in `work` was committed. Waits 50 ms, then
   * four times as long each time up to 2 s, each by chance half as long to half as long again.
   * @throws what `work` has thrown last
   */
  retryable<T>(work: () => Promise<T>, options?: RetryableOptions): Promise<T> {
    return this.#retries.run(work, options);
  }

  /**
   * Refuses a write inside a transaction whose database is a replica, or that the routers would send elsewhere.
   * @throws SluiceError `SLUICE_REPLICA_WRITE`, `SLUICE_SPLIT_WRITE`
   */
  confine(info: StatementInfo, transaction: Lease): void {
    confine(
      new InTransaction(info),
      transaction.database,
      this.#serving.picture(this.databases, info.frame ?? currentFrame(), []),
    );
  }

  /** A statement failed inside a transaction: nothing is repeated there, but its database may be to blame. */
  failedInside(transaction: Lease, error: unknown): void {
    this.#serving.failed(transaction, failureOf(this.engine, error), error);
  }

  /** A server has said that its role changed; all are asked for theirs. */
  rolesChanged(): void {
    void this.#serving.health.lookAgain();
  }

  /** Whether the session around the caller wrote to this cluster. */
  sessionWrote(): boolean {
    return currentFrame().session?.affinity(this)?.wrote === true;
  }

  /** Whether two objects may be related: the routers' opinion, else whether both live in this cluster. */
  allowsRelation(a: ObjectRef, b: ObjectRef): boolean {
    const lives = (object: ObjectRef): boolean => object.cluster === undefined || object.cluster === this.name;
    return this.#config.chain.allowsRelation(a, b, this.databases) ?? (lives(a) && lives(b));
  }

  /** Whether this schema change may run on this database. Default: only on the default primary. */
  allowsMigrate(database: Database, request: MigrateRequest): boolean {
    return allowsMigrate(this.#config.chain, this.databases, database, request);
  }

  /**
   * The databases on which a schema change runs: those allowed it as a whole, or for one of these entities.
   * @throws SluiceError `SLUICE_MIGRATION_REFUSED` if one of them is a replica
   */
  migrationTargets(operation: MigrateRequest['operation'], models: readonly Model[]): readonly Database[] {
    return migrationTargets(this.#config.chain, this.databases, operation, models);
  }

  /**
   * Gives a database nothing new from now on: for maintenance. Settles when it has finished what it had, or after
   * `deadlineMs` milliseconds; answers whether it is idle. It serves again after `undrain`, and before that only what
   * nothing else could.
   * @throws SluiceError `SLUICE_UNKNOWN_DATABASE`
   */
  drain(database: string, options?: DrainOptions): Promise<boolean> {
    return this.#serving.membership.drain(database, options);
  }

  /**
   * Ends a drain; the database serves again as soon as a check has found it well.
   * @throws SluiceError `SLUICE_UNKNOWN_DATABASE`
   */
  undrain(database: string): void {
    this.#serving.membership.undrain(database);
  }

  /**
   * Adds a database while the cluster serves, with the options that it would have had at construction.
   * @throws SluiceError `SLUICE_CONFIG`
   */
  addDatabase(name: string, options: D): Promise<void> {
    return this.#serving.membership.add(name, options);
  }

  /**
   * Takes a database out while the cluster serves: drains it, and closes its connections when it is idle, at the
   * latest after `deadlineMs` milliseconds. Answers whether it was idle then.
   * @throws SluiceError `SLUICE_UNKNOWN_DATABASE`; `SLUICE_CONFIG` for the last primary
   */
  removeDatabase(name: string, options?: DrainOptions): Promise<boolean> {
    return this.#serving.membership.remove(name, options);
  }

  /** The name of a replica for code that wants a connection of its own; `default` if there is none. */
  replica(): string {
    return (choose(this.#config.chain.select, this.databases.readableReplicas) ?? this.databases.default).name;
  }
}

/** The name of a replica of this cluster, in its router's order, for code that wants a connection of its own. */
export function getReplica(cluster: Cluster): string {
  return cluster.replica();
}
