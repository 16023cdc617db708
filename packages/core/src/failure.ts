import type { Engine } from './engine.js';
import type { ErrorFields } from './error-chain.js';
import { chainOf } from './error-chain.js';

/**
 * What a failure says about a statement and its database:
 * - `unreachable`: no connection came about, so nothing was sent
 * - `overloaded`: the database is alive and has no connection to spare
 * - `unusable`: this database refuses us (wrong credentials, unknown schema): a mistake in the configuration
 * - `lost`: the connection ended while the statement was on its way
 * - `not-ready`: the server answers, but can serve nothing yet
 * - `read-only`: rejected because the database takes no writes; nothing was executed
 * - `conflict`: a standby cancelled the read in favour of replay
 * - `timeout`: the server ended the statement at a limit that was set there; the connection serves on
 * - `abandoned`: the client gave up on an answer at a limit of its own; the server may still be at work
 * - `application`: everything else: the statement's own fault, or its transaction's
 */
export type Failure =
  | 'unreachable'
  | 'overloaded'
  | 'unusable'
  | 'lost'
  | 'not-ready'
  | 'read-only'
  | 'conflict'
  | 'timeout'
  | 'abandoned'
  | 'application';

/** Whether no answer came: what was sent may have been done all the same, and its connection can carry nothing more. */
export function isUnanswered(failure: Failure): boolean {
  return failure === 'lost' || failure === 'unreachable' || failure === 'abandoned';
}

/** Codes of Node.js itself, and our own; the same for every driver. */
const NODE: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ENOENT: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'lost',
  ECONNABORTED: 'lost',
  EPIPE: 'lost',
  ERR_STREAM_DESTROYED: 'lost',
  ERR_STREAM_WRITE_AFTER_END: 'lost',
  SLUICE_CLOSED: 'lost', // what adapters end their connections with
  SLUICE_TIMEOUT: 'lost', // and those of a frozen database
};

/** mysql2's own codes, and the numbers of MySQL's and MariaDB's error references. */
const MYSQL: Readonly<Record<string, Failure>> = {
  PROTOCOL_CONNECTION_LOST: 'lost',
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: 'lost',
  PROTOCOL_ENQUEUE_AFTER_QUIT: 'lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'abandoned',
  // the `mariadb` connector, of MikroORM 6
  ER_SOCKET_UNEXPECTED_CLOSE: 'lost',
  ER_CMD_CONNECTION_CLOSED: 'lost',
  ER_CONNECTION_ALREADY_CLOSED: 'lost',
  ER_CMD_NOT_EXECUTED_DESTROYED: 'lost',
  ER_CONNECTION_TIMEOUT: 'unreachable',
  ER_GET_CONNECTION_TIMEOUT: 'overloaded',
  HANDSHAKE_NO_SSL_SUPPORT: 'unusable',
  HANDSHAKE_SSL_ERROR: 'unusable',
  1040: 'overloaded', // ER_CON_COUNT_ERROR
  1044: 'unusable', // ER_DBACCESS_DENIED_ERROR
  1045: 'unusable', // ER_ACCESS_DENIED_ERROR
  1047: 'not-ready', // ER_UNKNOWN_COM_ERROR: Galera, "WSREP has not yet prepared node"
  1049: 'unusable', // ER_BAD_DB_ERROR
  1053: 'lost', // ER_SERVER_SHUTDOWN
  1077: 'lost', // ER_NORMAL_SHUTDOWN
  1078: 'lost', // ER_GOT_SIGNAL
  1079: 'lost', // ER_SHUTDOWN_COMPLETE
  1129: 'unusable', // ER_HOST_IS_BLOCKED
  1130: 'unusable', // ER_HOST_NOT_PRIVILEGED
  1152: 'lost', // ER_ABORTING_CONNECTION
  1158: 'lost', // ER_NET_READ_ERROR
  1159: 'lost', // ER_NET_READ_INTERRUPTED
  1160: 'lost', // ER_NET_ERROR_ON_WRITE
  1161: 'lost', // ER_NET_WRITE_INTERRUPTED
  1184: 'lost', // ER_NEW_ABORTING_CONNECTION
  1203: 'overloaded', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'overloaded', // ER_USER_LIMIT_REACHED
  1290: 'read-only', // ER_OPTION_PREVENTS_STATEMENT; see isReadOnly below
  1317: 'timeout', // ER_QUERY_INTERRUPTED
  1792: 'read-only', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'read-only', // ER_READ_ONLY_MODE
  1927: 'lost', // ER_CONNECTION_KILLED (MariaDB)
  1969: 'timeout', // ER_STATEMENT_TIMEOUT (MariaDB)
  2006: 'lost', // CR_SERVER_GONE_ERROR
  2013: 'lost', // CR_SERVER_LOST
  3024: 'timeout', // ER_QUERY_TIMEOUT (MySQL)
  3100: 'not-ready', // ER_RUN_HOOK_ERROR: group replication refuses
  3118: 'unusable', // ER_ACCOUNT_HAS_BEEN_LOCKED
  3169: 'lost', // ER_SESSION_WAS_KILLED (MySQL)
  4031: 'lost', // ER_CLIENT_INTERACTION_TIMEOUT (MySQL)
};

/** SQLSTATEs of PostgreSQL, appendix A of its manual. */
const POSTGRES: Readonly<Record<string, Failure>> = {
  '08000': 'lost',
  '08001': 'unreachable',
  '08003': 'lost',
  '08004': 'unreachable',
  '08006': 'lost',
  '25006': 'read-only',
  '28000': 'unusable',
  '28P01': 'unusable',
  '3D000': 'unusable',
  '53300': 'overloaded',
  '53400': 'overloaded',
  '57014': 'timeout',
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'not-ready',
  '57P05': 'lost',
};

/** Errors that the drivers give without any code. */
const WITHOUT_CODE: readonly (readonly [string, Failure])[] = [
  ['connection is in closed state', 'lost'], // mysql2: a connection that has gone
  ['Pool is closed', 'unreachable'], // mysql2
  ['Queue limit reached', 'overloaded'], // mysql2: queueLimit
  ['No connections available', 'overloaded'], // mysql2: waitForConnections: false
  ['Connection terminated', 'lost'], // pg: "unexpectedly", and "due to connection timeout"
  ['Client has encountered a connection error and is not queryable', 'lost'], // pg
  ['Client was closed and is not queryable', 'lost'], // pg
  ['timeout exceeded when trying to connect', 'overloaded'], // pg-pool: no connection became free
  ['Timeout acquiring a connection', 'overloaded'], // knex
  ['timeout expired', 'unreachable'], // pg: no handshake within connectionTimeoutMillis
  ['Query read timeout', 'abandoned'], // pg: query_timeout
];

/**
 * Judges an error, however an ORM has wrapped it. The tables are the union of what MaxScale, ProxySQL, pgpool,
 * the AWS wrapper and the drivers themselves do, checked on real servers.
 */
export function failureOf(engine: Engine, error: unknown): Failure {
  for (const fields of chainOf(error)) {
    const found = judge(engine, fields);
    if (found !== undefined) return found;
  }
  return 'application';
}

function judge(engine: Engine, error: ErrorFields): Failure | undefined {
  const message = typeof error.message === 'string' ? error.message : '';
  const table = engine === 'mysql' ? MYSQL : POSTGRES;
  // mysql2 gives numbers as `errno`, Node.js gives negative ones there
  const number = engine === 'mysql' && typeof error.errno === 'number' ? table[error.errno] : undefined;
  const code = typeof error.code === 'string' ? error.code : '';
  if (engine === 'postgres' && (code === '40001' || code === '40P01')) {
    return message.includes('conflict with recovery') ? 'conflict' : 'application';
  }
  if (error.errno === 1290) return isReadOnly(message) ? 'read-only' : 'application';
  const known = number ?? table[code] ?? NODE[code];
  if (known !== undefined) return known;
  if (code === '' || code === 'ERR_UNHANDLED_ERROR') {
    for (const [text, failure] of WITHOUT_CODE) if (message.includes(text)) return failure;
  }
  return error.fatal === true && engine === 'mysql' ? 'lost' : undefined;
}

/** Whether a driver said so: a code of Node.js alone may come from any other connection of the program. */
export function isOfDriver(engine: Engine, error: unknown): boolean {
  for (const fields of chainOf(error)) {
    if (fields.driverError !== undefined || fields.fatal === true || fields.severity !== undefined) return true;
    const known = judge(engine, fields);
    if (known !== undefined) return typeof fields.code !== 'string' || NODE[fields.code] === undefined;
  }
  return false;
}

/** What a client says that was asked to send on a connection that it knows to be gone. */
const GONE_BEFORE = [
  'This socket has been ended by the other party', // Node.js, before it writes
  'connection is in closed state', // mysql2
  'is not queryable', // pg
  'Cannot execute new commands: connection closed', // the `mariadb` connector
];

/** Whether an error proves that its statement has not left, as the connection was known to be gone. */
export function wasGoneBefore(error: unknown): boolean {
  for (const { message } of chainOf(error)) {
    if (typeof message === 'string' && GONE_BEFORE.some((text) => message.includes(text))) return true;
  }
  return false;
}

/** What a client or its pool says before any statement has left. */
const BEFORE_SENDING = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Timeout acquiring a connection',
  'Queue limit reached',
  'No connections available',
  'Pool is closed',
];

/** The server's own words for "no connection to spare"; all others are a pool's, in this process. */
const SERVER_FULL: ReadonlySet<unknown> = new Set([1040, 1203, 1226, '53300', '53400']);

/** Whether it is the server that is {@link Failure overloaded}, and not the pool in front of it. */
export function isServerFull(error: unknown): boolean {
  for (const { code, errno } of chainOf(error)) if (SERVER_FULL.has(errno) || SERVER_FULL.has(code)) return true;
  return false;
}

/**
 * Whether an error proves that nothing was sent: no connection came about. For an ORM that takes a connection and
 * sends a statement in one step; in doubt, something was sent.
 */
export function neverSent(engine: Engine, error: unknown): boolean {
  const failure = failureOf(engine, error);
  for (const fields of chainOf(error)) {
    if (fields.syscall === 'connect' || fields.syscall === 'getaddrinfo') return true;
    // a server refuses a connection with an error that is fatal, and a statement with one that is not
    const refused = fields.fatal === true || fields.severity === 'FATAL';
    if (refused && (failure === 'unusable' || failure === 'overloaded')) return true;
    // MySQL has no such error but for who connects
    if (fields.errno === 1040 || fields.errno === 1203 || fields.errno === 1226) return true;
    if (fields.code === 'ECONNREFUSED' || fields.code === 'ER_GET_CONNECTION_TIMEOUT') return true;
    if (fields.code === 'ER_CONNECTION_TIMEOUT') return true;
    const { message } = fields;
    if (typeof message === 'string' && BEFORE_SENDING.some((text) => message.includes(text))) return true;
  }
  return false;
}

/** 1290 names the option that prevents the statement; only two of them speak of the role of the server. */
function isReadOnly(message: string): boolean {
  return message.includes('read-only') || message.includes('read_only');
}
