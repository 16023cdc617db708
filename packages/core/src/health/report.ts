import type { Engine } from '../engine.js';
import type { Position } from './position.js';
import { mariadbPosition, mysqlPosition, walPosition } from './position.js';

/** What a server says of itself. */
export interface Report {
  /** Whether it takes writes; undefined: it does not say. */
  readonly writable: boolean | undefined;
  /** Whether it is applying what another server wrote; undefined: it does not say. */
  readonly replicating: boolean | undefined;
  /** Whether it was ever fed by another server, or is a branch of one; undefined: it does not say. */
  readonly promoted: boolean | undefined;
  /** Which server it is: two databases of one are one. Changes when PostgreSQL restarts. */
  readonly server: string | undefined;
  /** The same for all servers of one physical copy (PostgreSQL's system identifier). */
  readonly family: string | undefined;
  /** Grows with each promotion: PostgreSQL's timeline. */
  readonly timeline: number | undefined;
  readonly position: Position | undefined;
}

/** Alive, and that is all that is known. */
const ALIVE: Report = {
  writable: undefined,
  replicating: undefined,
  promoted: undefined,
  server: undefined,
  family: undefined,
  timeline: undefined,
  position: undefined,
};

type Row = Readonly<Record<string, unknown>>;

/** One way to ask a server what it is; `read` throws if it can serve nothing although it answers. */
export interface Question {
  readonly sql: string;
  readonly read: (row: Row) => Report;
}

/** What a server may lack or forbid; the next question asks for less. */
export function questionsOf(engine: Engine): readonly Question[] {
  return engine === 'mysql' ? MYSQL : POSTGRES;
}

const MYSQL: readonly Question[] = [
  {
    // `/*M!` is read by MariaDB only, `/*!80000` by MySQL 8 and newer only. None of it needs a privilege.
    sql: `SELECT @@global.read_only AS ro, @@global.innodb_read_only AS engine_ro,
 CONCAT_WS(':', @@hostname, @@port, @@server_id) AS server
 /*M!100100 , @@global.gtid_current_pos AS reached, @@global.gtid_slave_pos AS applied,
 (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'SLAVES_RUNNING') AS running,
 (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'WSREP_READY') AS wsrep_ready,
 (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'WSREP_PROVIDER_NAME') AS wsrep */
 /*!80000 , @@global.gtid_executed AS executed */`,
    read: (row) => {
      const { server, applied, executed, running } = row;
      if (text(row['wsrep']) && row['wsrep_ready'] === 'OFF') throw notReady();
      const writable = !isOn(row['ro']) && !isOn(row['engine_ro']);
      const replicating = running === undefined || running === null ? undefined : Number(running) > 0;
      return {
        ...ALIVE,
        writable,
        replicating,
        promoted: typeof applied === 'string' ? applied !== '' : undefined,
        server: text(server),
        position: mysqlPosition(executed) ?? mariadbPosition(row['reached']),
      };
    },
  },
  {
    sql: 'SELECT @@global.read_only AS ro',
    read: (row) => ({ ...ALIVE, writable: !isOn(row['ro']) }),
  },
  { sql: 'SELECT 1', read: () => ALIVE },
];

const POSTGRES: readonly Question[] = [
  {
    // a standby says that its transactions are read only, too
    sql: `SELECT standby, current_setting('transaction_read_only') = 'on' AS read_only, server, family,
 pg_wal_lsn_diff(lsn, '0/0')::text AS position,
 CASE WHEN standby THEN NULL ELSE ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::int END AS timeline
 FROM (SELECT pg_is_in_recovery() AS standby,
 CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn,
 pg_postmaster_start_time()::text || ' ' || coalesce(inet_server_port()::text, '') AS server,
 (SELECT system_identifier FROM pg_control_system())::text AS family) AS seen`,
    read: (row) => {
      const { standby, read_only: readOnly, server, family, position, timeline } = row;
      const branch = typeof timeline === 'number' ? timeline : undefined;
      return {
        writable: !isOn(standby) && !isOn(readOnly),
        replicating: isOn(standby),
        promoted: branch === undefined ? undefined : branch > 1,
        server: text(server),
        family: text(family),
        timeline: branch,
        position: walPosition(position),
      };
    },
  },
  {
    sql: 'SELECT pg_is_in_recovery() AS standby',
    read: (row) => ({ ...ALIVE, writable: !isOn(row['standby']), replicating: isOn(row['standby']) }),
  },
  { sql: 'SELECT 1', read: () => ALIVE },
];

/** `SELECT 1` succeeds on a node of Galera that has lost the others and can serve nothing. */
function notReady(): Error {
  return Object.assign(new Error('WSREP has not yet prepared node for application use'), { errno: 1047 });
}

function isOn(value: unknown): boolean {
  return value === 1 || value === 1n || value === true || value === '1' || value === 'ON' || value === 't';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
