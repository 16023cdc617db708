import type { Address, Engine } from '@sluice/core';
import { SluiceError } from '@sluice/core';
import type { ConnectionInternals, OptionBag } from '../internals.js';
import type { ClientPool } from './client-pool.js';
import { clientPool } from './client-pool.js';
import { survivePreparing } from './mariadb-connector.js';
import { OwnSockets } from './own-sockets.js';

/** What `close()` gives statements that are under way, in milliseconds; the whole of it takes at most 1 s. */
const DRAIN_MS = 700;

const READY = Promise.resolve();

/** The connection of one database: one of the driver's own class, with a pool of its own. */
export class DatabaseConnection {
  readonly name: string;
  readonly raw: ConnectionInternals;
  readonly #engine: Engine;
  readonly #connect: ConnectionInternals['connect'];
  #connecting: Promise<void> | undefined;
  #ready = false;
  readonly #sockets = new OwnSockets();
  #pool: ClientPool | undefined;

  constructor(name: string, engine: Engine, raw: ConnectionInternals) {
    this.name = name;
    this.raw = raw;
    this.#engine = engine;
    this.#connect = raw.connect.bind(raw);
    raw.connect = () => this.connect();
    raw.ensureConnection = () => (this.#ready ? READY : this.connect());
  }

  /** Makes the pool, once for all who ask meanwhile (MikroORM 7 would make one for each); no server is contacted. */
  connect(): Promise<void> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    if (this.raw.getKnex !== undefined) this.#lendSockets();
    await this.#connect({ skipOnConnect: true });
    if (this.raw.getKnex !== undefined) survivePreparing(this.raw.getKnex().client);
    this.#ready = true;
    this.#pool = clientPool(await nativePool(this.raw));
  }

  /** Where the server listens, as far as the options tell. */
  get address(): Address | undefined {
    const { host, port, ...more } = this.#options();
    const driver = { ...more, ...(this.raw.options['driverOptions'] as OptionBag | undefined) };
    const path = driver['socketPath'];
    if (typeof path === 'string') return { path };
    const at = driver['host'] ?? host;
    const number = Number(driver['port'] ?? port ?? (this.#engine === 'mysql' ? 3306 : 5432));
    if (typeof at !== 'string' || !Number.isInteger(number)) return undefined;
    // PostgreSQL's clients take a host that is a path for the folder of its socket
    return at.startsWith('/') ? { path: `${at}/.s.PGSQL.${number}` } : { host: at, port: number };
  }

  #lendSockets(): void {
    const driverOptions = (this.raw.options['driverOptions'] ?? {}) as OptionBag;
    const connection = (driverOptions['connection'] ?? {}) as OptionBag;
    const { address } = this;
    if (connection['stream'] !== undefined || address === undefined || !('port' in address)) return;
    const stream = (): unknown =>
      this.#engine === 'postgres' ? this.#sockets.unconnected() : this.#sockets.connecting(address);
    this.raw.options['driverOptions'] = { ...driverOptions, connection: { ...connection, stream } };
  }

  #options(): OptionBag {
    try {
      return this.raw.getConnectionOptions();
    } catch {
      return {}; // a URL that is none: connecting says so
    }
  }

  /** Drops the connections that no one uses now. */
  discardIdle(): void {
    this.#pool?.dropIdle(new Error(`the idle connections to ${this.name} were dropped`));
  }

  /** Closes every connection at once; new ones are opened for who asks next. */
  cut(reason: Error): void {
    // the `mariadb` connector, if it were asked, would ask the frozen server to end what is under way
    if (this.#sockets.lent) this.#sockets.destroy(reason);
    else this.#pool?.destroy(reason);
  }

  /** Lets the process end although connections are open. */
  unref(): void {
    this.#sockets.unref();
    this.#pool?.unref();
  }

  /** Lets what is under way finish until the deadline, then closes every socket. */
  async close(force?: boolean): Promise<void> {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    if (connecting === undefined) return;
    await connecting.catch(() => undefined);
    const reason = new SluiceError(
      'SLUICE_CLOSED',
      `the pool of database ${this.name} is closed; connect the ORM again first`,
    );
    const pool = this.#pool;
    this.#pool = undefined;
    this.#ready = false;
    pool?.closing();
    const closed = this.raw.close(force).catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, DRAIN_MS);
    });
    await Promise.race([closed, deadline]);
    clearTimeout(timer);
    pool?.refuse(reason);
    if (this.#sockets.lent) this.#sockets.destroy(reason);
    else pool?.destroy(reason);
  }
}

/** The pool behind a connection: mysql2's or pg's in 7, tarn's in 6. */
async function nativePool(raw: ConnectionInternals): Promise<object | undefined> {
  if (raw.getKnex !== undefined) return raw.getKnex().client.pool;
  try {
    return await raw.getNativeClient?.();
  } catch {
    return undefined; // a dialect of the application's own
  }
}
