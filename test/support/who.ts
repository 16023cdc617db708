import type { EngineUnderTest } from '../engines.js';

let current: EngineUnderTest = 'mariadb';

/** From here on the entities of all ORMs ask servers of this kind who they are. */
export function askServersOf(engine: EngineUnderTest): void {
  current = engine;
}

/** SQL that answers which server runs it. */
export const whoSql = (): string => (current === 'mariadb' ? 'SELECT @@port' : 'SELECT inet_server_port()');
