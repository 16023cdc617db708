import type { ProbeConnection } from '@sluice/core';
import { Cluster } from '@sluice/core';
import { addressOf } from './address.js';
import { Attachment } from './attachment.js';
import type { DriverInternals, MysqlDriverInternals, OptionBag, PostgresDriverInternals } from './internals.js';
import { merged } from './merged-options.js';
import type { Settings, TypeOrmDatabase } from './options.js';
import { DatabasePool } from './pools/database-pool.js';
import { MYSQL_PROBE, mysqlPool } from './pools/mysql-pool.js';
import type { DriverPool } from './pools/pool.js';
import { POSTGRES_PROBE, postgresPool } from './pools/postgres-pool.js';
import { probeConnection } from './pools/probe-connection.js';

/** What `destroy()` gives statements that are under way, in milliseconds; the whole of it takes at most 1 s. */
const DRAIN_MS = 700;

/** A data source's cluster and its pools. */
export class Routing {
  readonly cluster: Cluster<TypeOrmDatabase>;
  /** Changed by the data source's `setOptions()`. */
  settings: Settings;
  /** Whether the data source is getting to know its server, from whichever database answers. */
  starting = false;
  readonly #pools = new Map<string, DatabasePool>();
  #driver: DriverInternals | undefined;

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(settings: Settings) {
    this.settings = settings;
    this.cluster = new Cluster(
      { ...settings.routing, engine: settings.engine, databases: settings.databases },
      {
        address: (name) => addressOf(this.settings.pools.get(name), settings.engine),
        discard: (name) => this.#pools.get(name)?.discardIdle(),
        reserve: (name, signal) => this.#reserve(name, signal),
        frozen: (name, reason) => this.#pools.get(name)?.cut(reason),
        add: (name, options) => this.#add(name, options),
        remove: (name) => this.#remove(name),
      },
    );
  }

  get isOpen(): boolean {
    return this.#pools.size > 0;
  }

  /** Makes the pools; no server is contacted. */
  async open(driver: DriverInternals): Promise<void> {
    // while it connects, the driver's `createPool` answers with the pool that is there already
    const { createPool } = driver;
    this.#driver = Object.create(driver, { createPool: { value: createPool } }) as DriverInternals;
    for (const [name, options] of this.settings.pools) {
      this.#pools.set(name, new DatabasePool(name, await this.#make(driver, options)));
    }
    this.cluster.open();
  }

  async #make(driver: DriverInternals, options: OptionBag): Promise<DriverPool> {
    if (this.settings.engine === 'mysql') return mysqlPool(driver as MysqlDriverInternals, options);
    return postgresPool(driver as PostgresDriverInternals, options, () => this.cluster.rolesChanged());
  }

  async #reserve(database: string, signal: AbortSignal): Promise<ProbeConnection> {
    const options = this.settings.pools.get(database);
    if (this.#driver === undefined || options === undefined) throw new Error(`no pool of database ${database}`);
    const pool = await this.#make(this.#driver, merged(options, { poolSize: 1 }));
    return probeConnection(pool, this.settings.engine === 'mysql' ? MYSQL_PROBE : POSTGRES_PROBE, signal);
  }

  async #add(database: string, options: TypeOrmDatabase): Promise<void> {
    this.settings = this.settings.more(database, options);
    const pool = this.settings.pools.get(database);
    if (!this.isOpen || this.#driver === undefined || pool === undefined) return;
    this.#pools.set(database, new DatabasePool(database, await this.#make(this.#driver, pool)));
  }

  async #remove(database: string): Promise<void> {
    this.settings = this.settings.less(database);
    const pool = this.#pools.get(database);
    this.#pools.delete(database);
    await pool?.close(0);
  }

  /** Ends within 1 s, also with a frozen server; leaves no socket, timer or waiter behind. */
  async close(): Promise<void> {
    this.cluster.close();
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close(DRAIN_MS)));
  }

  pool(database: string): DatabasePool {
    const pool = this.#pools.get(database);
    if (pool === undefined) throw new Error(`Driver not Connected: no pool of database ${database}`);
    return pool;
  }

  attach(database: string): Attachment {
    return new Attachment(database, this.pool(database));
  }
}

const routings = new WeakMap<object, Routing>();

/** The routing of a data source, or nothing if it is a stock one. */
export function routingOf(dataSource: object | undefined): Routing | undefined {
  return dataSource === undefined ? undefined : routings.get(dataSource);
}

export function setRouting(dataSource: object, routing: Routing): void {
  routings.set(dataSource, routing);
}
