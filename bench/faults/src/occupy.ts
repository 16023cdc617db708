import type { Server, Session } from '@sluice/testbed';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { EngineName } from './place.js';
import { until } from './until.js';

/** A client of another application that takes a place on a server. */
interface Guest {
  readonly id: number;
  readonly leave: () => void;
}

const SESSIONS: Readonly<Record<EngineName, string>> = {
  mariadb: "SELECT id FROM information_schema.processlist WHERE user = 'app'",
  postgres: "SELECT pid AS id FROM pg_stat_activity WHERE usename = 'app'",
};
const KILL: Readonly<Record<EngineName, (id: number) => string>> = {
  mariadb: (id) => `KILL ${id}`,
  postgres: (id) => `SELECT pg_terminate_backend(${id})`,
};

/**
 * Clients of another application take every place that a server has: first the free ones, then those of whoever was
 * there, which are ended. Answers what makes them leave.
 */
export async function occupy(server: Server, engine: EngineName): Promise<() => Promise<void>> {
  const guests = new Map<number, Guest>();
  const enter = async (): Promise<void> => {
    for (let guest = await enters[engine](server); guest !== undefined; guest = await enters[engine](server)) {
      guests.set(guest.id, guest);
    }
  };
  // it takes a place as well, so it stays as long as they do
  const admin = await server.session();
  await enter();
  const places = guests.size + (await strangers(admin, engine, guests)).length;
  await until(async () => {
    // one may have gone by itself
    for (const id of await strangers(admin, engine, guests)) {
      await admin.query(KILL[engine](id)).catch(() => undefined);
    }
    await enter();
    return guests.size >= places;
  });
  return async () => {
    for (const guest of guests.values()) guest.leave();
    admin.close();
  };
}

async function strangers(admin: Session, engine: EngineName, guests: ReadonlyMap<number, Guest>): Promise<number[]> {
  const rows = await admin.query(SESSIONS[engine]);
  return rows.map(({ id }) => Number(id)).filter((id) => !guests.has(id));
}

/** Undefined: there is no place left. */
const enters: Readonly<Record<EngineName, (server: Server) => Promise<Guest | undefined>>> = {
  mariadb: async ({ database: { role: _role, ...address } }) => {
    const connection = await mysql.createConnection(address).catch(unlessFull);
    if (connection === undefined) return undefined;
    connection.on('error', () => undefined);
    return { id: connection.threadId, leave: () => connection.destroy() };
  },
  postgres: async ({ database: { role: _role, ...address } }) => {
    const client = new pg.Client(address);
    client.on('error', () => undefined);
    const connected = await client.connect().then(() => true, unlessFull);
    if (connected === undefined) return undefined;
    const { rows } = await client.query<{ readonly id: number }>('SELECT pg_backend_pid() AS id');
    return { id: Number(rows[0]?.id), leave: () => void client.end().catch(() => undefined) };
  },
};

function unlessFull(error: { readonly errno?: unknown; readonly code?: unknown }): undefined {
  if (error.errno !== 1040 && error.code !== '53300') throw error;
}
