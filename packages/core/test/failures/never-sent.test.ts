import { describe, expect, it } from '@jest/globals';
import { isUnanswered, neverSent } from '../../src/failure.js';
import type { Failure } from '../../src/failure.js';

const error = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);

describe('neverSent()', () => {
  it.each([
    ['a refused connection', 'mysql', error('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })],
    ['a connection that timed out', 'mysql', error('connect ETIMEDOUT', { code: 'ETIMEDOUT', syscall: 'connect' })],
    [
      'a name that nobody knows',
      'postgres',
      error('getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
    ],
    [
      'a full server of MySQL',
      'mysql',
      error('Too many connections', { code: 'ER_CON_COUNT_ERROR', errno: 1040, fatal: true }),
    ],
    [
      'a full server of PostgreSQL',
      'postgres',
      error('sorry, too many clients already', { code: '53300', severity: 'FATAL' }),
    ],
    ['wrong credentials', 'postgres', error('password authentication failed', { code: '28P01', severity: 'FATAL' })],
    ['a pool without a connection to spare', 'postgres', error('timeout exceeded when trying to connect')],
    ['a queue that is full', 'mysql', error('Queue limit reached.')],
    ['a pool that lets nobody wait', 'mysql', error('No connections available.')],
    ['a handshake that did not end', 'postgres', error('timeout expired')],
    ['a closed pool', 'mysql', error('Pool is closed.')],
    [
      'two addresses that both refuse',
      'mysql',
      new AggregateError([error('connect', { code: 'ECONNREFUSED', syscall: 'connect' })]),
    ],
  ] as const)('is sure of %s, also three deep', (_what, engine, given) => {
    expect(neverSent(engine, given)).toBe(true);
    const wrapped = new Error('wrapped', {
      cause: Object.assign(new Error('wrapped'), { driverError: new Error('wrapped', { cause: given }) }),
    });
    expect(neverSent(engine, wrapped)).toBe(true);
  });

  it.each([
    ['a connection that was lost', 'mysql', error('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })],
    ['a lost connection without a code', 'postgres', error('Connection terminated unexpectedly')],
    [
      'a limit that a statement met',
      'postgres',
      error('configuration limit exceeded', { code: '53400', severity: 'ERROR' }),
    ],
    ['a user who may not', 'mysql', error('Access denied', { code: 'ER_DBACCESS_DENIED_ERROR', errno: 1044 })],
    ['an error of the application', 'mysql', error('Duplicate entry', { code: 'ER_DUP_ENTRY', errno: 1062 })],
    ['nothing at all', 'mysql', undefined],
  ] as const)('is not sure of %s', (_what, engine, given) => {
    expect(neverSent(engine, given)).toBe(false);
  });
});

describe('isUnanswered()', () => {
  const TABLE: Readonly<Record<Failure, boolean>> = {
    unreachable: true,
    lost: true,
    abandoned: true,
    overloaded: false,
    unusable: false,
    'not-ready': false,
    'read-only': false,
    conflict: false,
    timeout: false,
    application: false,
  };

  it.each(Object.entries(TABLE) as [Failure, boolean][])('of %s is %p', (failure, unanswered) => {
    expect(isUnanswered(failure)).toBe(unanswered);
  });
});
