import type { MysqlConnection, MysqlDriverInternals, OptionBag } from '../internals.js';
import type { DriverPool, PooledConnection } from './pool.js';
import type { ProbeDialect } from './probe-connection.js';

/** A pool as TypeORM's own driver makes it, but lazy: a server that is down stops nothing. */
export function mysqlPool(driver: MysqlDriverInternals, options: OptionBag): DriverPool {
  const raw = driver.mysql.createPool({
    ...driver.createConnectionOptions(options, options),
    // TypeORM takes `ssl` from the options around all servers only
    ...(options['ssl'] === undefined ? {} : { ssl: options['ssl'] }),
  });
  const pooled = new WeakMap<MysqlConnection, PooledConnection>();
  const open = new Set<MysqlConnection>();
  const isUsed = (connection: MysqlConnection): boolean => pooled.get(connection)?.inUse === true;
  const freed = (connection: MysqlConnection): void => {
    const found = pooled.get(connection);
    if (found?.inUse !== true) return;
    found.inUse = false;
    pool.onFreed();
  };
  const close = (connection: MysqlConnection, reason?: Error): void => {
    open.delete(connection);
    // mysql2 answers what is under way only if its socket fails; its own destroy() leaves a frozen peer's socket open
    connection.stream.destroy(reason);
    connection.destroy();
    freed(connection);
    // and it takes no notice of a reset once it is closing
    if (reason !== undefined) setImmediate(() => tellWhatIsUnderWay(connection, reason));
  };
  /** Prepares a new connection, for its whole life. */
  const opened = (connection: MysqlConnection): PooledConnection => {
    driver.prepareDbConnection(connection);
    promiseOnce(connection);
    open.add(connection);
    let lost: Error | undefined;
    connection.on('end', () => {
      open.delete(connection);
      freed(connection);
    });
    connection.on('error', (error) => {
      lost ??= error ?? new Error('the connection ended');
      open.delete(connection);
      freed(connection);
    });
    // mysql2 forgets what was under way when its connection goes, and leaves its timer running
    const stopTimer = (): void => clearTimeout(connection._command?.queryTimeout ?? undefined);
    connection.stream.prependListener('error', stopTimer);
    connection.stream.prependListener('close', stopTimer);
    const itself: PooledConnection = {
      raw: connection,
      inUse: false,
      get lost() {
        return lost;
      },
      onLost: (listener) => {
        connection.on('error', listener);
        return () => connection.removeListener('error', listener);
      },
      release: () => {
        connection.release();
        freed(connection);
      },
      destroy: (reason) => close(connection, reason),
    };
    pooled.set(connection, itself);
    return itself;
  };
  raw.on('connection', opened);
  raw.on('release', freed);
  const pool: DriverPool = {
    raw,
    onFreed: () => undefined,
    get inUse() {
      return [...open].filter(isUsed).length;
    },
    connect(borrower) {
      raw.getConnection((error, connection) => {
        if (error !== null && error !== undefined) {
          borrower.refused(error);
          return;
        }
        const taken = pooled.get(connection) ?? opened(connection);
        taken.inUse = true;
        borrower.taken(taken);
      });
    },
    dropIdle() {
      for (const connection of open) if (!isUsed(connection)) close(connection);
    },
    end() {
      // mysql2 would end a connection in use as well, between the statements of a transaction
      for (const connection of open) if (isUsed(connection)) connection._realEnd = (callback) => callback();
      raw.end(() => undefined);
    },
    destroy(reason) {
      const connecting = raw._allConnections;
      const left = Array.from({ length: connecting?.length ?? 0 }, (_, index) => connecting?.get(index));
      for (const connection of new Set([...open, ...left])) {
        if (connection !== undefined) close(connection, isUsed(connection) ? reason : undefined);
      }
    },
  };
  return pool;
}

const PLAIN_ROWS = { rowsAsArray: false, nestTables: false, typeCast: true };

/** Asks mysql2 on one connection; rows are objects, whatever the application wants of its own. */
export const MYSQL_PROBE: ProbeDialect = {
  askOn: (raw) => (sql, callback) => {
    (raw as MysqlConnection).query({ sql, ...PLAIN_ROWS }, callback);
  },
  unref: (raw) => (raw as MysqlConnection).stream.unref(),
};

function tellWhatIsUnderWay(connection: MysqlConnection, reason: Error): void {
  if (connection._command !== null && connection._command !== undefined) connection._notifyError(reason);
}

/** TypeORM asks for a connection's promise form with each statement, and making one costs more than routing it. */
function promiseOnce(connection: MysqlConnection): void {
  const promised = connection.promise.bind(connection);
  let usual: object | undefined;
  connection.promise = (implementation) =>
    implementation === undefined ? (usual ??= promised()) : promised(implementation);
}
