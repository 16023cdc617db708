import { Socket } from 'node:net';

import type { DatabaseAddress } from '@sluice/testbed';
import mysql from 'mysql2/promise';
import pg from 'pg';

export interface AppClient {
  query(sql: string): Promise<readonly unknown[]>;
  close(): void;
}

export interface AppClientOptions {
  readonly engine: string;
  /** For connecting and for each query. Default: none, for a driver's timer may outlive its connection. */
  readonly timeoutMs?: number | undefined;
}

/** A connection of the user `app`, as an application would open it. */
export async function appClient(
  address: Omit<DatabaseAddress, 'role'>,
  { engine, timeoutMs }: AppClientOptions,
): Promise<AppClient> {
  const { host, port, user, password, database } = address;
  return engine === 'postgres'
    ? await postgresClient({ host, port, user, password, database }, timeoutMs)
    : await mysqlClient({ host, port, user, password, database }, timeoutMs);
}

async function mysqlClient(address: mysql.ConnectionOptions, timeoutMs: number | undefined): Promise<AppClient> {
  const connection = await mysql.createConnection({ ...address, connectTimeout: timeoutMs ?? 5_000 });
  connection.on('error', () => {});
  return {
    query: async (sql) => {
      const [rows] = await connection.query({ sql, ...(timeoutMs !== undefined && { timeout: timeoutMs }) });
      return Array.isArray(rows) ? rows : [];
    },
    close: () => connection.destroy(),
  };
}

async function postgresClient(address: pg.ClientConfig, timeoutMs: number | undefined): Promise<AppClient> {
  const socket = new Socket(); // ours, to be closed also when nobody answers
  const timeouts = { connectionTimeoutMillis: timeoutMs ?? 5_000, query_timeout: timeoutMs };
  const client = new pg.Client({ ...address, ...timeouts, stream: () => socket });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    query: async (sql) => (await client.query(sql)).rows,
    close: () => socket.destroy(),
  };
}
