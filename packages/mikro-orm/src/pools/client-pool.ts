import { SluiceError } from '@sluice/core';
import { destroy, isBusy, unref } from './sockets.js';

/** The pool that MikroORM's client has made for one database; as little of it as is needed. */
export interface ClientPool {
  /** Closes the connections that no one uses now. */
  dropIdle(reason: Error): void;
  /** Answers those who wait for a connection. */
  refuse(reason: Error): void;
  /** It is about to be closed by its client, which forgets connections that it has not closed yet. */
  closing(): void;
  /** Closes every connection, those too that were there at `closing()`. */
  destroy(reason: Error): void;
  /** Lets the process end although its connections are open. */
  unref(): void;
  /** Connections that are in use. */
  readonly inUse: number;
}

/** mysql2's pool. */
interface MysqlPool {
  readonly _allConnections: Listed;
  readonly _freeConnections: Listed;
  on(event: 'release', listener: (connection: object) => void): void;
}

interface Listed {
  readonly length: number;
  get(index: number): object | undefined;
}

/** pg's pool. */
interface PostgresPool {
  readonly _clients: readonly object[];
  readonly _idle: readonly { readonly client: object }[];
  readonly _pendingQueue: { readonly callback: (error: Error) => void }[];
  on(event: 'release', listener: (error: unknown, client: object) => void): void;
}

/** tarn's pool, which knex uses. */
interface TarnPool {
  readonly used: readonly { readonly resource: object }[];
  readonly free: readonly { readonly resource: object }[];
  readonly pendingAcquires: readonly { reject(error: Error): void }[];
  on(event: 'release', listener: (connection: object) => void): void;
}

/** What `getNativeClient()` of MikroORM 7, or `knex.client.pool` of 6, has given; undefined if it is none of these. */
export function clientPool(pool: object | undefined): ClientPool | undefined {
  if (pool === undefined) return undefined;
  const found = isMysql(pool) ? mysql(pool) : isPostgres(pool) ? postgres(pool) : isTarn(pool) ? tarn(pool) : undefined;
  if (found === undefined) return undefined;
  const { all, idle, refuse, onRelease } = found;
  let known: readonly object[] = [];
  // a caller's time-out, or a stream that was left: its connection is still busy with what nobody waits for
  onRelease((connection) => {
    if (!isBusy(connection)) return;
    const reason = 'the connection was given back while a statement was under way on it; ask again';
    destroy(connection, new SluiceError('SLUICE_CLOSED', reason));
  });
  return {
    get inUse() {
      return all().length - idle().length;
    },
    dropIdle(reason) {
      for (const connection of idle()) destroy(connection, reason);
    },
    refuse,
    closing() {
      known = all();
    },
    destroy(reason) {
      for (const connection of new Set([...known, ...all()])) destroy(connection, reason);
    },
    unref() {
      for (const connection of all()) unref(connection);
    },
  };
}

interface PoolParts {
  all(): readonly object[];
  idle(): readonly object[];
  /** Answers those who wait for a connection. */
  refuse(reason: Error): void;
  onRelease(listener: (connection: object) => void): void;
}

function mysql(pool: MysqlPool): PoolParts {
  const listed = (list: Listed): object[] =>
    Array.from({ length: list.length }, (_, index) => list.get(index)).filter((each) => each !== undefined);
  return {
    all: () => listed(pool._allConnections),
    idle: () => listed(pool._freeConnections),
    // its own end() has answered them
    refuse: () => undefined,
    onRelease: (listener) => pool.on('release', listener),
  };
}

function postgres(pool: PostgresPool): PoolParts {
  return {
    all: () => [...pool._clients],
    idle: () => pool._idle.map(({ client }) => client),
    refuse: (reason) => {
      for (const { callback } of pool._pendingQueue.splice(0)) callback(reason);
    },
    onRelease: (listener) => pool.on('release', (_error, client) => listener(client)),
  };
}

function tarn(pool: TarnPool): PoolParts {
  const idle = (): object[] => pool.free.map(({ resource }) => resource);
  return {
    all: () => [...pool.used.map(({ resource }) => resource), ...idle()],
    idle,
    refuse: (reason) => {
      // each leaves the list later, when its promise has settled
      for (const waiting of pool.pendingAcquires) waiting.reject(reason);
    },
    onRelease: (listener) => pool.on('release', listener),
  };
}

function isMysql(pool: object): pool is MysqlPool {
  return '_allConnections' in pool && '_freeConnections' in pool;
}

function isPostgres(pool: object): pool is PostgresPool {
  return '_clients' in pool && '_idle' in pool;
}

function isTarn(pool: object): pool is TarnPool {
  return 'used' in pool && 'free' in pool && 'pendingAcquires' in pool;
}
