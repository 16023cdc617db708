import type { Row, Server } from '@sluice/testbed';
import type { EngineUnderTest } from './engines.js';
import type { Scene } from './scene.js';
import { until } from './until.js';

/** A connection of the application's user, as its server sees it. */
export interface AppSession {
  readonly server: Server;
  readonly id: number;
  /** What it runs now, or ran last (PostgreSQL). */
  readonly sql: string;
  readonly busy: boolean;
}

const LIST: Readonly<Record<EngineUnderTest, string>> = {
  mariadb: `SELECT id, COALESCE(info, '') AS \`sql\`, command = 'Query' AS busy
    FROM information_schema.processlist WHERE user = 'app'`,
  postgres: `SELECT pid AS id, query AS sql, state = 'active' AS busy FROM pg_stat_activity WHERE usename = 'app'`,
};

/** The connections that the application has to a server. */
export async function sessionsOf({ engine }: Scene, server: Server): Promise<readonly AppSession[]> {
  const rows: readonly Row[] = await server.query(LIST[engine]);
  return rows.map(({ id, sql, busy }) => ({ server, id: Number(id), sql: String(sql), busy: Boolean(Number(busy)) }));
}

/** Waits until a running server runs a statement that contains `text`; answers where. */
export function running(scene: Scene, text: string): Promise<AppSession> {
  return until(`a server runs ${text}`, async () => {
    for (const server of scene.servers.servers.filter(({ state }) => state === 'running')) {
      const found = (await sessionsOf(scene, server)).find(({ sql, busy }) => busy && sql.includes(text));
      if (found !== undefined) return found;
    }
    return undefined;
  });
}

/** Ends one connection, as an administrator would. */
export async function endSession({ engine }: Scene, { server, id }: AppSession): Promise<void> {
  await server.query(engine === 'postgres' ? `SELECT pg_terminate_backend(${id})` : `KILL ${id}`);
}
