import { EventEmitter } from 'node:events';

/** Drivers without a server, for TypeORM's `driver` option: every statement is answered at once. */

const ROW = { Item_id: 1, Item_title: 'a thing', Item_price: 3 };

const noop = (): void => undefined;
const called = (callback: () => void): void => callback();

/** As much of pg as TypeORM and Sluice use. */
export function stubPostgres(): object {
  const first: Readonly<Record<string, object>> = {
    'SELECT version()': { version: 'PostgreSQL 15.0' },
    'SELECT * FROM current_database()': { current_database: 'app' },
    'SELECT * FROM current_schema()': { current_schema: 'public' },
  };
  const client = Object.assign(new EventEmitter(), {
    release: noop,
    query: (sql: string) => Promise.resolve({ command: 'SELECT', rowCount: 1, rows: [first[sql] ?? ROW] }),
  });
  class Pool extends EventEmitter {
    readonly end = called;

    connect(callback: (error: undefined, connection: object, release: () => void) => void): void {
      callback(undefined, client, noop);
    }
  }
  return { Pool };
}

/** As much of mysql2 as TypeORM and Sluice use. */
export function stubMysql(): object {
  const promised = {
    query: (sql: string) => Promise.resolve([[/version\(\)/i.test(sql) ? { version: '10.11.0-MariaDB' } : ROW]]),
  };
  const connection = Object.assign(new EventEmitter(), {
    release: noop,
    destroy: noop,
    stream: { destroy: noop, prependListener: noop },
    promise: () => promised,
  });
  type GetConnection = (error: null, connection: object) => void;
  return {
    createPool: () =>
      Object.assign(new EventEmitter(), {
        getConnection: (callback: GetConnection) => callback(null, connection),
        end: called,
      }),
    createPoolCluster: () => ({
      add: noop,
      getConnection: (_pattern: string, callback: GetConnection) => callback(null, connection),
      end: called,
    }),
  };
}
