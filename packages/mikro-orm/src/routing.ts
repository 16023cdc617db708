import type { Engine, Lease, ProbeConnection, Router } from '@sluice/core';
import { Cluster, roleByName, SluiceError } from '@sluice/core';
import type { ConfigInternals, ConnectionClass, OptionBag, TransactionContext } from './internals.js';
import type { MikroOrmDatabase, PoolOptions, RoutedOptions } from './options.js';
import { checkDatabases, connectionOptionsOf } from './options.js';
import { DatabaseConnection } from './pools/database-connection.js';
import { probeConnection } from './pools/probe-connection.js';

interface RoutingParts {
  readonly engine: Engine;
  readonly options: RoutedOptions;
  readonly databases: Readonly<Record<string, MikroOrmDatabase>>;
  readonly config: ConfigInternals;
  /** The class of the driver's own connections. */
  readonly Connection: ConnectionClass;
  /** What MikroORM tells each of its connections before it is used. */
  readonly prepare: (connection: InstanceType<ConnectionClass>) => void;
}

/** A driver's cluster, its connections, and its open transactions. */
export class Routing {
  readonly cluster: Cluster<MikroOrmDatabase>;
  readonly engine: Engine;
  /** Whether it is MikroORM 6, which stands on knex. */
  readonly onKnex: boolean;
  readonly #parts: RoutingParts;
  readonly #connections = new Map<string, DatabaseConnection>();
  readonly #transactions = new WeakMap<object, Lease>();
  /** Transactions that were declared to read only: a write that their server refuses says nothing about the server. */
  readonly #readOnly = new WeakSet<Lease>();
  /** Whether a router is asked about relations, and so wants to know where entities came from. */
  readonly asksRelations: boolean;
  /** Whether MikroORM 6 is connecting, and about to look for its database. */
  starting = false;
  #databases: RoutingParts['databases'];
  #state: 'new' | 'open' | 'closed' = 'new';

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(parts: RoutingParts) {
    this.#parts = parts;
    this.#databases = parts.databases;
    this.engine = parts.engine;
    this.onKnex = 'getKnex' in (parts.Connection.prototype as object);
    const { databases: _databases, ...routing } = parts.options;
    this.asksRelations = (routing.routers ?? [routing.router]).some(asksRelations);
    this.cluster = new Cluster(
      { ...routing, engine: parts.engine, databases: parts.databases },
      {
        address: (name) => this.#connections.get(name)?.address,
        discard: (name) => this.#connections.get(name)?.discardIdle(),
        reserve: (name, signal) => this.#reserve(name, signal),
        frozen: (name, reason) => this.#connections.get(name)?.cut(reason),
        add: (name, options) => this.#add(name, options),
        remove: (name) => this.#remove(name),
      },
    );
  }

  /** Makes the connections at the first use, or again after `close()`; no server is contacted. */
  open({ again = false } = {}): void {
    if (this.#state === 'open' || (this.#state === 'closed' && !again)) return;
    this.#connections.clear();
    for (const [name, database] of Object.entries(this.#databases)) {
      this.#connections.set(name, this.#make(name, database));
    }
    this.#state = 'open';
    this.cluster.open();
  }

  #reserve(name: string, signal: AbortSignal): Promise<ProbeConnection> {
    const database = this.#databases[name];
    if (database === undefined) throw new Error(`no database is named ${name}`);
    return probeConnection(this.#make(name, { ...database, pool: { ...database.pool, min: 0, max: 1 } }), signal);
  }

  #add(name: string, database: MikroOrmDatabase): void {
    checkDatabases({ [name]: database });
    this.#databases = { ...this.#databases, [name]: database };
    if (this.#state === 'open') this.#connections.set(name, this.#make(name, database));
  }

  async #remove(name: string): Promise<void> {
    const { [name]: _removed, ...left } = this.#databases;
    this.#databases = left;
    const connection = this.#connections.get(name);
    this.#connections.delete(name);
    await connection?.close(true);
  }

  #make(name: string, database: MikroOrmDatabase): DatabaseConnection {
    const { config, Connection, engine, prepare } = this.#parts;
    const options = connectionOptionsOf(name, database, { config, poolAs: (pool) => this.#poolAs(pool) });
    const role = database.role ?? roleByName(name);
    const connection = new Connection(config, options, role === 'primary' ? 'write' : 'read');
    prepare(connection);
    return new DatabaseConnection(name, engine, connection);
  }

  /** MikroORM reads the size of a pool from the options around all of them only, so it goes to the client itself. */
  #poolAs({ min, max, idleTimeoutMillis, ...more }: PoolOptions): OptionBag {
    const given = (options: OptionBag): OptionBag =>
      Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    if (this.onKnex) return { pool: given({ min, max, idleTimeoutMillis, ...more }) };
    if (this.engine === 'postgres') return given({ min, max, idleTimeoutMillis });
    const maxIdle = idleTimeoutMillis === undefined ? undefined : Math.min(min ?? 0, (max ?? 10) - 1);
    return given({ connectionLimit: max, idleTimeout: idleTimeoutMillis, maxIdle });
  }

  /** Makes every pool, so that clients are there when they are asked for at once; no server is contacted. */
  async connect(): Promise<void> {
    this.open({ again: true });
    this.starting = this.onKnex;
    await Promise.all([...this.#connections.values()].map((connection) => connection.connect().catch(() => undefined)));
  }

  /** Ends within 1 s, also with a frozen server; leaves no socket, timer or waiter behind. */
  async close(force?: boolean): Promise<void> {
    this.#state = 'closed';
    this.cluster.close();
    await Promise.all([...this.#connections.values()].map((connection) => connection.close(force)));
  }

  /** @throws SluiceError `SLUICE_CLOSED` */
  connection(name: string): DatabaseConnection {
    this.open();
    const connection = this.#state === 'open' ? this.#connections.get(name) : undefined;
    if (connection !== undefined) return connection;
    throw new SluiceError('SLUICE_CLOSED', `cluster ${this.cluster.name} is closed; connect the ORM again first`);
  }

  /** The connection of the default primary. */
  get primary(): DatabaseConnection {
    return this.connection(this.cluster.databases.default.name);
  }

  prepareAll(prepare: RoutingParts['prepare']): void {
    for (const { raw } of this.#connections.values()) prepare(raw);
  }

  /** The lease of an open transaction; undefined: it is none of ours. */
  leaseOf(ctx: TransactionContext | undefined | null): Lease | undefined {
    if (ctx === undefined || ctx === null) return undefined;
    return this.#transactions.get(ctx) ?? (ctx.client && this.#transactions.get(ctx.client));
  }

  remember(ctx: TransactionContext, lease: Lease, { readOnly = false } = {}): void {
    if (readOnly) this.#readOnly.add(lease);
    this.#transactions.set(ctx, lease);
    // knex's builders know the client of their transaction only
    if (ctx.client !== undefined) this.#transactions.set(ctx.client, lease);
  }

  /** A statement failed inside a transaction: nothing is repeated there, but its database may be to blame. */
  failedInside(lease: Lease, error: unknown): void {
    if (!this.#readOnly.has(lease)) this.cluster.failedInside(lease, error);
  }
}

function asksRelations(router: unknown): boolean {
  const given = (router ?? {}) as Partial<Router> & { readonly prototype?: Partial<Router> };
  return given.asksRelations?.() ?? (given.allowRelation ?? given.prototype?.allowRelation) !== undefined;
}

/** Where a driver, and every view of it, keeps its routing. */
export const ROUTING = Symbol('@sluice/mikro-orm/routing');

export function routingOf(part: object | undefined): Routing | undefined {
  if (part === undefined || part === null) return undefined;
  const { getDriver, driver } = part as { getDriver?(): object; readonly driver?: object };
  const routed: Partial<Record<typeof ROUTING, Routing>> | undefined =
    ROUTING in part ? part : typeof getDriver === 'function' ? getDriver.call(part) : driver;
  return routed?.[ROUTING];
}

/**
 * The cluster of a routed ORM, of one of its entity managers, or of its driver.
 * @throws SluiceError `SLUICE_CONFIG` if it is not routed
 */
export function clusterOf(part: object): Cluster<MikroOrmDatabase> {
  const routing = routingOf(part);
  if (routing !== undefined) return routing.cluster;
  throw new SluiceError(
    'SLUICE_CONFIG',
    'clusterOf got an ORM that is not routed; make its driver with routed(Driver, options)',
  );
}
