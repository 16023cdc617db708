import { describe, expect, it } from '@jest/globals';
import type { Failure } from '../../src/failure.js';
import { failureOf } from '../../src/failure.js';

/** An error as pg gives it: a SQLSTATE, a code of Node.js, or none at all. */
const error = (message: string, fields: object): Error => Object.assign(new Error(message), fields);
const state = (code: string, message: string): [string, Error] => [code, error(message, { code, severity: 'ERROR' })];
const node = (code: string, message = `connect ${code}`): [string, Error] => [
  code,
  error(message, { code, errno: -111 }),
];
const bare = (message: string): [string, Error] => ['no code', error(message, {})];

const TABLE: Readonly<Record<Failure, readonly (readonly [string, Error])[]>> = {
  unreachable: [
    node('ECONNREFUSED'),
    node('EHOSTUNREACH'),
    node('ENETUNREACH'),
    node('ETIMEDOUT'),
    node('ENOENT'),
    node('ENOTFOUND', 'getaddrinfo ENOTFOUND'),
    node('EAI_AGAIN', 'getaddrinfo EAI_AGAIN'),
    state('08001', 'sqlclient_unable_to_establish_sqlconnection'),
    state('08004', 'sqlserver_rejected_establishment_of_sqlconnection'),
    bare('timeout expired'),
  ],
  overloaded: [
    state('53300', 'sorry, too many clients already'),
    state('53300', 'remaining connection slots are reserved for roles with the SUPERUSER attribute'),
    state('53300', 'too many connections for role "app"'),
    state('53400', 'configuration limit exceeded'),
    bare('timeout exceeded when trying to connect'),
  ],
  unusable: [
    state('28P01', 'password authentication failed for user "app"'),
    state('28000', 'no pg_hba.conf entry for host'),
    state('3D000', 'database "shop" does not exist'),
  ],
  lost: [
    state('57P01', 'terminating connection due to administrator command'),
    state('57P01', 'terminating connection due to unexpected postmaster exit'),
    state('57P02', 'terminating connection because of crash of another server process'),
    state('57P05', 'terminating connection due to idle-session timeout'),
    state('08000', 'connection exception'),
    state('08003', 'connection does not exist'),
    state('08006', 'connection failure'),
    node('ECONNRESET', 'read ECONNRESET'),
    node('EPIPE', 'write EPIPE'),
    bare('Connection terminated unexpectedly'),
    bare('Connection terminated'),
    bare('Connection terminated due to connection timeout'),
    bare('Client has encountered a connection error and is not queryable'),
    bare('Client was closed and is not queryable'),
  ],
  'not-ready': [
    state('57P03', 'the database system is starting up'),
    state('57P03', 'the database system is not yet accepting connections'),
    state('57P03', 'the database system is shutting down'),
  ],
  'read-only': [
    state('25006', 'cannot execute INSERT in a read-only transaction'),
    state('25006', 'cannot execute nextval() in a read-only transaction'),
  ],
  conflict: [
    state('40001', 'canceling statement due to conflict with recovery'),
    state('40001', 'terminating connection due to conflict with recovery'),
    state('40P01', 'canceling statement due to conflict with recovery'),
  ],
  timeout: [
    state('57014', 'canceling statement due to statement timeout'),
    state('57014', 'canceling statement due to user request'),
  ],
  abandoned: [bare('Query read timeout')],
  application: [
    state('40001', 'could not serialize access due to concurrent update'),
    state('40P01', 'deadlock detected'),
    state('23505', 'duplicate key value violates unique constraint "orders_pkey"'),
    state('23503', 'insert or update on table "lines" violates foreign key constraint'),
    state('42601', 'syntax error at or near "SELCT"'),
    state('42P01', 'relation "orders" does not exist'),
    state('22P02', 'invalid input syntax for type integer: "x"'),
    state('25P02', 'current transaction is aborted, commands ignored until end of transaction block'),
    state('55P03', 'could not obtain lock on row in relation "orders"'),
    state('55000', 'lastval is not yet defined in this session'),
    state('0A000', 'cannot set transaction read-write mode during recovery'),
    bare('an error of the application'),
    ['a number of MySQL', error('Too many connections', { errno: 1040 })],
    ['a mark of mysql2', error('something fatal', { fatal: true })],
  ],
};

describe.each(Object.entries(TABLE))('on PostgreSQL, %s', (failure, rows) => {
  it('has errors in this table', () => {
    expect(rows.length).toBeGreaterThan(0);
  });

  for (const [what, given] of rows) {
    it(`is what ${what} means: ${given.message.slice(0, 70)}`, () => {
      expect(failureOf('postgres', given)).toBe(failure);
    });
  }
});
