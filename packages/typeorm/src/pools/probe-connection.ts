import type { ProbeConnection } from '@sluice/core';
import type { DriverPool, PooledConnection } from './pool.js';

type Rows = readonly Readonly<Record<string, unknown>>[];
type Ask = (sql: string, callback: (error: Error | null | undefined, rows: Rows) => void) => void;

/** How a driver is asked on one of its connections, and what keeps the process alive there. */
export interface ProbeDialect {
  readonly askOn: (raw: unknown) => Ask;
  readonly unref: (raw: unknown) => void;
}

/** The one connection of a pool that serves nothing else. Keeps no process alive. */
export async function probeConnection(
  pool: DriverPool,
  { askOn, unref }: ProbeDialect,
  signal: AbortSignal,
): Promise<ProbeConnection> {
  const closed = new Error('the check was given up');
  const connection = await new Promise<PooledConnection>((resolve, reject) => {
    const giveUp = (): void => reject(closed);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    const settled = (settle: () => void): void => {
      signal.removeEventListener('abort', giveUp);
      settle();
    };
    pool.connect({
      taken: (taken) => settled(() => resolve(taken)),
      refused: (error) => settled(() => reject(error)),
    });
  }).catch((error: unknown) => {
    end(pool);
    throw error;
  });
  const ask = askOn(connection.raw);
  unref(connection.raw);
  let refuse: ((error: Error) => void) | undefined;
  return {
    query: (sql) =>
      new Promise((resolve, reject) => {
        refuse = reject;
        ask(sql, (error, rows) => {
          refuse = undefined;
          if (error === null || error === undefined) resolve(rows);
          else reject(error);
        });
      }),
    close: () => {
      refuse?.(closed);
      end(pool);
    },
  };
}

/** Closes all sockets, also one that is still connecting; nobody waits for an answer. */
function end(pool: DriverPool): void {
  pool.end();
  pool.destroy();
}
