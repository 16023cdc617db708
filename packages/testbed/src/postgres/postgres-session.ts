import { Socket } from 'node:net';

import pg from 'pg';

import type { Row, Session, SessionOptions } from '../session.js';

export interface PostgresSocket {
  /** The folder of the socket file. */
  readonly host: string;
  readonly port: number;
}

/** A superuser's session through the socket file in the server's own folder. */
export async function postgresSession(address: PostgresSocket, options: SessionOptions = {}): Promise<Session> {
  const { timeoutMs = 10_000 } = options;
  return await open('app').catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== '3D000') throw error;
    return open('postgres'); // a test has dropped the database: the administrator is still needed
  });

  async function open(database: string): Promise<Session> {
    const socket = new Socket(); // ours, so that it can be closed without the server's help
    const client = new pg.Client({
      ...address,
      user: 'postgres',
      database,
      stream: () => socket,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    });
    client.on('error', () => {}); // an idle connection whose server dies: without a listener the process would too
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return {
      query: async (sql) => {
        const result: unknown = await client.query(sql);
        const last = (Array.isArray(result) ? result.at(-1) : result) as { readonly rows: readonly Row[] };
        return last.rows;
      },
      close: () => socket.destroy(),
    };
  }
}
