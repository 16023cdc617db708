import type { Engine } from '../../src/engine.js';

interface Errors {
  readonly refused: () => Error;
  readonly full: () => Error;
  readonly lost: () => Error;
  readonly readOnly: () => Error;
  readonly forbidden: () => Error;
}

const make =
  (message: string, fields: object = {}) =>
  (): Error =>
    Object.assign(new Error(message), fields);

const refused = make('connect ECONNREFUSED', { code: 'ECONNREFUSED', errno: -111, syscall: 'connect' });

const MYSQL: Errors = {
  refused,
  full: make('Too many connections', { code: 'ER_CON_COUNT_ERROR', errno: 1040, fatal: true }),
  lost: make('Connection lost: The server closed the connection.', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }),
  readOnly: make('The MariaDB server is running with the --read-only option so it cannot execute this statement', {
    code: 'ER_OPTION_PREVENTS_STATEMENT',
    errno: 1290,
  }),
  forbidden: make('Access denied; you need the SUPER privilege', { code: 'ER_SPECIFIC_ACCESS_DENIED', errno: 1227 }),
};

const POSTGRES: Errors = {
  refused,
  full: make('sorry, too many clients already', { code: '53300', severity: 'FATAL' }),
  lost: make('Connection terminated unexpectedly'),
  readOnly: make('cannot execute INSERT in a read-only transaction', { code: '25006', severity: 'ERROR' }),
  forbidden: make('permission denied for function pg_control_system', { code: '42501', severity: 'ERROR' }),
};

/** What the drivers of an engine give. */
export function errors(engine: Engine): Errors {
  return engine === 'mysql' ? MYSQL : POSTGRES;
}
