import type {
  OptionBag,
  PostgresClient,
  PostgresConnect,
  PostgresDriverInternals,
  PostgresPool,
} from '../internals.js';
import type { DriverPool, PooledConnection } from './pool.js';
import type { ProbeDialect } from './probe-connection.js';

const noop = (): void => undefined;

/**
 * A pool as TypeORM's own driver makes it, but lazy: a server that is down stops nothing. `onRole` hears when a server
 * says that it has become a primary.
 */
export async function postgresPool(
  driver: PostgresDriverInternals,
  options: OptionBag,
  onRole: () => void = noop,
): Promise<DriverPool> {
  const { pool: raw, prepare } = await made(driver, options);
  const pooled = new WeakMap<PostgresClient, PooledConnection>();
  const open = new Set<PostgresClient>();
  const isUsed = (client: PostgresClient): boolean => pooled.get(client)?.inUse === true;
  const freed = (client: PostgresClient): void => {
    const found = pooled.get(client);
    if (found?.inUse !== true) return;
    found.inUse = false;
    pool.onFreed();
  };
  const close = (client: PostgresClient, reason?: Error): void => {
    open.delete(client);
    client.connection?.stream?.destroy(reason);
    freed(client);
  };
  /** Prepares a new client, for its whole life. */
  const opened = (client: PostgresClient): PooledConnection => {
    open.add(client);
    prepare(undefined, client, noop);
    // the first value of each connection comes before this; what comes later is a promotion
    client.connection?.on('parameterStatus', ({ parameterName }) => {
      if (parameterName === 'in_hot_standby') onRole();
    });
    let lost: Error | undefined;
    // without a listener, a connection that ends while it is in use ends the process
    client.on('error', (error) => {
      lost ??= error ?? new Error('Connection terminated unexpectedly');
    });
    const give = (reason?: Error): void => {
      client.release(reason);
      freed(client);
    };
    const itself: PooledConnection = {
      raw: client,
      inUse: false,
      get lost() {
        return lost;
      },
      onLost: (listener) => {
        client.on('error', listener);
        return () => client.removeListener('error', listener);
      },
      release: () => give(lost),
      destroy: (reason) => {
        // first the socket, with the reason: the pool's own end of it would be told to nobody, and a stream would wait on
        close(client, reason);
        give(reason);
      },
    };
    pooled.set(client, itself);
    return itself;
  };
  raw.on('connect', opened);
  raw.on('remove', (client) => {
    open.delete(client);
    freed(client);
  });
  const pool: DriverPool = {
    raw,
    onFreed: noop,
    get inUse() {
      return [...open].filter(isUsed).length;
    },
    connect(borrower) {
      raw.connect((error, client) => {
        if (error !== null && error !== undefined) {
          borrower.refused(error);
          return;
        }
        const taken = pooled.get(client) ?? opened(client);
        taken.inUse = true;
        borrower.taken(taken);
      });
    },
    dropIdle() {
      for (const client of open) {
        if (isUsed(client)) continue;
        // the pool would go on handing it out until its socket has said that it is closed
        raw._remove?.(client);
        close(client);
      }
    },
    end() {
      raw.end(noop);
    },
    destroy(reason) {
      for (const client of [...open, ...(raw._clients ?? [])]) {
        client.on('error', noop);
        close(client, isUsed(client) ? reason : undefined);
      }
    },
  };
  return pool;
}

export const POSTGRES_PROBE: ProbeDialect = {
  askOn: (raw) => (sql, callback) => {
    (raw as PostgresClient).query(sql, (error, result) => callback(error, result?.rows ?? []));
  },
  unref: (raw) => (raw as PostgresClient).connection?.stream?.unref?.(),
};

interface Made {
  readonly pool: PostgresPool;
  /** What TypeORM does with its first connection: notices and notifications go to the logger. */
  readonly prepare: PostgresConnect;
}

/**
 * Lets TypeORM's `createPool` make the pool, with all it reads from the options, and keeps it from connecting: what
 * it would do with its first connection is done with every one instead.
 */
async function made(driver: PostgresDriverInternals, options: OptionBag): Promise<Made> {
  const { Pool } = driver.postgres;
  let prepare: PostgresConnect = noop;
  class LazyPool extends Pool {
    #asked = false;

    override connect(callback: PostgresConnect): void {
      if (this.#asked) return super.connect(callback);
      this.#asked = true;
      prepare = callback;
      callback(undefined, { on: noop, removeListener: noop, release: noop, query: noop }, noop);
      return undefined;
    }
  }
  const postgres = Object.create(driver.postgres, { Pool: { value: LazyPool } }) as PostgresDriverInternals['postgres'];
  const shim = Object.create(driver, { postgres: { value: postgres } }) as PostgresDriverInternals;
  const pool = await driver.createPool.call(shim, options, options);
  return { pool, prepare };
}
