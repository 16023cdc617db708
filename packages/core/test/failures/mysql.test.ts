import { describe, expect, it } from '@jest/globals';
import type { Failure } from '../../src/failure.js';
import { failureOf } from '../../src/failure.js';

/** An error as mysql2 gives it: its own code, or a server's name and number. */
const error = (message: string, fields: object): Error => Object.assign(new Error(message), fields);
const server = (code: string, errno: number, message = code): [string, Error] => [
  `${errno} ${code}`,
  error(message, { code, errno }),
];
const node = (code: string, message = `connect ${code}`): [string, Error] => [
  code,
  error(message, { code, errno: -111, syscall: 'connect' }),
];
const own = (code: string, message: string, fields: object = {}): [string, Error] => [
  code,
  error(message, { code, ...fields }),
];
const bare = (message: string, fields: object = {}): [string, Error] => [
  `"${message}", without a code`,
  error(message, fields),
];

const TABLE: Readonly<Record<Failure, readonly (readonly [string, Error])[]>> = {
  unreachable: [
    node('ECONNREFUSED'),
    node('EHOSTUNREACH'),
    node('EHOSTDOWN'),
    node('ENETUNREACH'),
    node('ENETDOWN'),
    node('EADDRNOTAVAIL'),
    node('ETIMEDOUT'),
    node('ENOENT'),
    node('ENOTFOUND', 'getaddrinfo ENOTFOUND'),
    node('EAI_AGAIN', 'getaddrinfo EAI_AGAIN'),
    bare('Pool is closed.'),
  ],
  overloaded: [
    server('ER_CON_COUNT_ERROR', 1040, 'Too many connections'),
    server('ER_TOO_MANY_USER_CONNECTIONS', 1203),
    server('ER_USER_LIMIT_REACHED', 1226),
    bare('Queue limit reached.'),
    bare('No connections available.'),
  ],
  unusable: [
    server('ER_DBACCESS_DENIED_ERROR', 1044),
    server('ER_ACCESS_DENIED_ERROR', 1045, "Access denied for user 'app'"),
    server('ER_BAD_DB_ERROR', 1049, "Unknown database 'shop'"),
    server('ER_HOST_IS_BLOCKED', 1129),
    server('ER_HOST_NOT_PRIVILEGED', 1130),
    server('ER_ACCOUNT_HAS_BEEN_LOCKED', 3118, 'Access denied for user. Account is locked.'),
    own('HANDSHAKE_NO_SSL_SUPPORT', 'Server does not support secure connection'),
    own('HANDSHAKE_SSL_ERROR', 'certificate has expired'),
  ],
  lost: [
    own('PROTOCOL_CONNECTION_LOST', 'Connection lost: The server closed the connection.', { fatal: true }),
    own('ECONNRESET', 'read ECONNRESET', { errno: -104, fatal: true }),
    own('EPIPE', 'write EPIPE', { errno: -32, fatal: true }),
    own('ECONNABORTED', 'read ECONNABORTED'),
    own('ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'),
    own('ERR_STREAM_WRITE_AFTER_END', 'write after end'),
    own('PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR', 'Cannot enqueue after a fatal error', { fatal: true }),
    own('PROTOCOL_ENQUEUE_AFTER_QUIT', 'Cannot enqueue after quit'),
    server('ER_SERVER_SHUTDOWN', 1053, 'Server shutdown in progress'),
    server('ER_NORMAL_SHUTDOWN', 1077),
    server('ER_GOT_SIGNAL', 1078),
    server('ER_SHUTDOWN_COMPLETE', 1079),
    server('ER_ABORTING_CONNECTION', 1152),
    server('ER_NET_READ_ERROR', 1158),
    server('ER_NET_READ_INTERRUPTED', 1159),
    server('ER_NET_ERROR_ON_WRITE', 1160),
    server('ER_NET_WRITE_INTERRUPTED', 1161),
    server('ER_NEW_ABORTING_CONNECTION', 1184),
    server('ER_CONNECTION_KILLED', 1927),
    server('CR_SERVER_GONE_ERROR', 2006, 'MySQL server has gone away'),
    server('CR_SERVER_LOST', 2013, 'Lost connection to MySQL server during query'),
    server('ER_SESSION_WAS_KILLED', 3169),
    server('ER_CLIENT_INTERACTION_TIMEOUT', 4031),
    bare("Can't add new command when connection is in closed state", { fatal: true }),
    bare('something that mysql2 calls fatal', { fatal: true }),
  ],
  'not-ready': [
    server('ER_UNKNOWN_COM_ERROR', 1047, 'WSREP has not yet prepared node for application use'),
    server('ER_RUN_HOOK_ERROR', 3100, "Error on observer while running replication hook 'before_commit'."),
  ],
  'read-only': [
    server(
      'ER_OPTION_PREVENTS_STATEMENT',
      1290,
      'The MariaDB server is running with the --read-only option so it cannot execute this statement',
    ),
    server(
      'ER_OPTION_PREVENTS_STATEMENT',
      1290,
      'The MySQL server is running with the --super-read-only option so it cannot execute this statement',
    ),
    server(
      'ER_OPTION_PREVENTS_STATEMENT',
      1290,
      'The MySQL server is running with the read_only option so it cannot execute this statement',
    ),
    server('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 1792, 'Cannot execute statement in a READ ONLY transaction'),
    server('ER_READ_ONLY_MODE', 1836, 'Running in read-only mode'),
  ],
  conflict: [],
  abandoned: [own('PROTOCOL_SEQUENCE_TIMEOUT', 'Query inactivity timeout')],
  timeout: [
    server('ER_QUERY_INTERRUPTED', 1317, 'Query execution was interrupted'),
    [
      '1969, which mysql2 does not name',
      error('Query execution was interrupted (max_statement_time exceeded)', { errno: 1969 }),
    ],
    server('ER_QUERY_TIMEOUT', 3024, 'Query execution was interrupted, maximum statement execution time exceeded'),
  ],
  application: [
    server('ER_DUP_ENTRY', 1062, "Duplicate entry '1' for key 'PRIMARY'"),
    server('ER_NO_SUCH_TABLE', 1146, "Table 'shop.orders' doesn't exist"),
    server('ER_PARSE_ERROR', 1064, 'You have an error in your SQL syntax'),
    server('ER_NO_REFERENCED_ROW_2', 1452, 'Cannot add or update a child row: a foreign key constraint fails'),
    server('ER_LOCK_DEADLOCK', 1213, 'Deadlock found when trying to get lock; try restarting transaction'),
    server('ER_LOCK_WAIT_TIMEOUT', 1205, 'Lock wait timeout exceeded; try restarting transaction'),
    server('ER_NET_PACKET_TOO_LARGE', 1153, "Got a packet bigger than 'max_allowed_packet' bytes"),
    server('ER_BAD_FIELD_ERROR', 1054, "Unknown column 'x' in 'field list'"),
    server(
      'ER_OPTION_PREVENTS_STATEMENT',
      1290,
      'The MariaDB server is running with the --secure-file-priv option so it cannot execute this statement',
    ),
    server(
      'ER_OPTION_PREVENTS_STATEMENT',
      1290,
      'The MySQL server is running with the --skip-grant-tables option so it cannot execute this statement',
    ),
    bare('an error of the application'),
    ['a SQLSTATE of PostgreSQL', error('terminating connection', { code: '57P01' })],
  ],
};

describe.each(Object.entries(TABLE))('on MySQL and MariaDB, %s', (failure, rows) => {
  it(failure === 'conflict' ? 'is not known there' : 'has errors in this table', () => {
    expect(rows.length === 0).toBe(failure === 'conflict');
  });

  for (const [what, given] of rows) {
    it(`is what ${what} means: ${given.message.slice(0, 60)}`, () => {
      expect(failureOf('mysql', given)).toBe(failure);
    });
  }
});
