import type { EngineUnderTest } from './engines.js';
import type { Scene } from './scene.js';

/** A read that takes `seconds` and answers the port of its server. */
export function slowRead(engine: EngineUnderTest, seconds: number): string {
  return engine === 'postgres'
    ? `SELECT inet_server_port() AS port, pg_sleep(${seconds}) AS slept`
    : `SELECT @@port AS port, SLEEP(${seconds}) AS slept`;
}

/** A read of `rows` rows of some 100 bytes, each with the port of its server. */
export function longRead(engine: EngineUnderTest, rows: number): string {
  return engine === 'postgres'
    ? `SELECT inet_server_port() AS port, repeat('x', 100) AS filling FROM generate_series(1, ${rows})`
    : `SELECT @@port AS port, REPEAT('x', 100) AS filling FROM seq_1_to_${rows}`;
}

/** The port in the first row of an answer. */
export function portIn(rows: unknown): number {
  return Number((rows as readonly { readonly port: unknown }[])[0]?.port);
}

/** How many tags of this label the primary holds. */
export async function tagsLabelled(scene: Scene, label: string): Promise<number> {
  const [row] = await scene.servers.primary.query(`SELECT COUNT(*) AS n FROM tag WHERE label = '${label}'`);
  return Number(row?.['n']);
}
