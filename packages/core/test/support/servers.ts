import type { ProbeConnection } from '../../src/adapter.js';
import type { Report } from '../../src/health/report.js';

/** What a server says of itself, of which most does not matter to a test. */
export function says(more: Partial<Report> = {}): Report {
  return {
    writable: undefined,
    replicating: undefined,
    promoted: undefined,
    server: undefined,
    family: undefined,
    timeline: undefined,
    position: undefined,
    ...more,
  };
}

export type Row = Readonly<Record<string, unknown>>;

/** What PostgreSQL answers to the whole question. */
export function postgresRow(more: Row = {}): Row {
  return {
    standby: false,
    read_only: false,
    server: 'started 5432',
    family: '7',
    position: '1000',
    timeline: 1,
    ...more,
  };
}

/** What MariaDB answers to the whole question. */
export function mariadbRow(more: Row = {}): Row {
  return {
    ro: 0,
    engine_ro: 0,
    server: 'db:3306:1',
    reached: '0-1-10',
    applied: '',
    running: '0',
    wsrep_ready: 'OFF',
    wsrep: '',
    ...more,
  };
}

/** What MySQL 8 answers to the whole question. */
export function mysqlRow(more: Row = {}): Row {
  return { ro: 0, engine_ro: 0, server: 'db:3306:1', executed: 'a:1-10', ...more };
}

export interface Line extends ProbeConnection {
  /** The statements that were sent, in order. */
  readonly sent: string[];
  closed: boolean;
}

/** A connection that answers each statement as it is told, and rejects what is under way when it is closed. */
export function line(answer: (sql: string) => Row | Promise<Row>): Line {
  let fail = (_: Error): void => {};
  const gone = new Promise<never>((_, reject) => {
    fail = reject;
  });
  gone.catch(() => {});
  const opened: Line = {
    sent: [],
    closed: false,
    query: async (sql) => {
      opened.sent.push(sql);
      return [await Promise.race([Promise.resolve(sql).then(answer), gone])];
    },
    close: () => {
      opened.closed = true;
      fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    },
  };
  return opened;
}

/** The errors of a server that lacks a right or a function. */
export const forbidden = (): Error =>
  Object.assign(new Error('permission denied for function pg_control_system'), { code: '42501' });
export const unknownVariable = (): Error =>
  Object.assign(new Error("Unknown system variable 'innodb_read_only'"), {
    code: 'ER_UNKNOWN_SYSTEM_VARIABLE',
    errno: 1193,
  });
