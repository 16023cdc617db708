import { setTimeout as sleep } from 'node:timers/promises';

import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';

import type { Row, Session, SessionOptions } from './session.js';

/** A session over the MySQL protocol, through the socket file in the server's own folder. */
export async function mysqlSession(socketPath: string, options: SessionOptions = {}): Promise<Session> {
  const { timeoutMs = 10_000 } = options;
  const address: ConnectionOptions = {
    socketPath,
    user: 'root',
    connectTimeout: timeoutMs,
    multipleStatements: true,
    supportBigNumbers: true,
  };
  const connection = await connect({ ...address, database: 'app' }, timeoutMs).catch((error: unknown) => {
    if (codeOf(error) !== 'ER_BAD_DB_ERROR') throw error;
    return connect(address, timeoutMs); // a test has dropped the database: the administrator is still needed
  });
  connection.on('error', () => {}); // an idle connection whose server dies: without a listener the process would too
  return {
    query: async (sql) => {
      const [result] = await connection.query({ sql, timeout: timeoutMs });
      return rowsOf(result);
    },
    close: () => connection.destroy(),
  };
}

/** A full server keeps one place for an administrator, which a client that is just being refused may hold for a moment. */
async function connect(address: ConnectionOptions, timeoutMs: number): Promise<Connection> {
  for (const deadline = performance.now() + timeoutMs; ; await sleep(5)) {
    try {
      return await createConnection(address);
    } catch (error) {
      if (codeOf(error) !== 'ER_CON_COUNT_ERROR' || performance.now() > deadline) throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

/** One statement answers rows or a header; several answer a list of these, of which the last one counts. */
function rowsOf(result: unknown): readonly Row[] {
  if (!Array.isArray(result)) return [];
  const last: unknown = result.at(-1);
  if (Array.isArray(last)) return last as readonly Row[];
  return last?.constructor.name === 'ResultSetHeader' ? [] : (result as readonly Row[]);
}
