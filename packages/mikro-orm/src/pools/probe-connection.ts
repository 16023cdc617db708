import type { ProbeConnection } from '@sluice/core';
import type { DatabaseConnection } from './database-connection.js';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Nobody wants to read four checks a second. */
const UNLOGGED = { enabled: false };

/** A connection of the driver's own kind, with a pool of one, that serves nothing but checks. Keeps no process alive. */
export async function probeConnection(connection: DatabaseConnection, signal: AbortSignal): Promise<ProbeConnection> {
  const closed = new Error('the check was given up');
  const over = new AbortController();
  const close = (): void => {
    over.abort();
    connection.cut(closed);
    void connection.close(true);
  };
  signal.addEventListener('abort', close, { once: true });
  const query = async (sql: string): Promise<Rows> => {
    const rows = (await untilAborted(
      connection.raw.execute(sql, [], 'all', undefined, UNLOGGED),
      over.signal,
      closed,
    )) as Rows;
    connection.unref();
    return rows;
  };
  try {
    await connection.connect();
    await query('SELECT 1');
    return { query, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal, reason: Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
