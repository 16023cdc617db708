import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../src/engine.js';
import { type StatementKind, scan } from '../src/statement.js';

/** Scenario 32 of the reference, "Classifier table": the statement, what MySQL does with it, what PostgreSQL does. */
const rows: readonly (readonly [sql: string, mysql: StatementKind, postgres: StatementKind])[] = [
  ['select * from t', 'read', 'read'],
  ['  select * from t', 'read', 'read'],
  ['\n\r\n\tselect * from t', 'read', 'read'],
  ['/* a */ -- b\nselect * from t', 'read', 'read'],
  ['((select * from t))', 'read', 'read'],
  ['with x as (select 1) select * from x', 'read', 'read'],
  ["select 'for update'", 'read', 'read'],
  ['show tables', 'read', 'read'],
  ['explain select 1', 'read', 'read'],
  ['insert into t values (1)', 'write', 'write'],
  ['update t set a = 1', 'write', 'write'],
  ['delete from t', 'write', 'write'],
  ['merge into t using u on true when matched then delete', 'write', 'write'],
  ['create table t (a int)', 'write', 'write'],
  ['alter table t add b int', 'write', 'write'],
  ['drop table t', 'write', 'write'],
  ['call p()', 'write', 'write'],
  ['do 1', 'write', 'write'],
  ["copy t from 'a'", 'write', 'write'],
  ['select * from t for update', 'locking', 'locking'],
  ['select * from t for no key update', 'locking', 'locking'],
  ['select * from t for share', 'locking', 'locking'],
  ['select * from t for key share', 'locking', 'locking'],
  ['select * from t for update nowait', 'locking', 'locking'],
  ['select * from t for share skip locked', 'locking', 'locking'],
  ['select * from t for update;', 'locking', 'locking'],
  ['select * from t\nfor\nupdate\n', 'locking', 'locking'],
  ['with d as (delete from t returning *) select * from d', 'write', 'write'],
  ['select * into u from t', 'write', 'write'],
  ['explain analyze delete from t', 'write', 'write'],
  ["select nextval('s')", 'write', 'write'],
  ["select setval('s', 1)", 'write', 'write'],
  ['select lastval()', 'write', 'write'],
  ['select pg_advisory_lock(1)', 'write', 'write'],
  ["select get_lock('a', 1)", 'write', 'write'],
  ['select my_function(1)', 'write', 'write'],
  ['select 1; select 2', 'write', 'write'],
  ['', 'write', 'write'],
  ['select \ufffd\ufffd', 'write', 'write'],
  ['\ufeffselect 1', 'write', 'write'],
];

describe('scenario 32', () => {
  it.each(rows)('%j', (sql, mysql, postgres) => {
    expect([scan(sql, 'mysql'), scan(sql, 'postgres')]).toEqual([mysql, postgres]);
  });
});

const MB = 1 << 20;
const repeated = (text: string): string => text.repeat(Math.ceil(MB / text.length));

/** 1 MB of each: what people send, and what only somebody who looks for the slow path would. */
const texts: Readonly<Record<string, string>> = {
  'an IN list': `select * from t where id in (${Array.from({ length: MB / 8 }, (_, id) => id + 1_000_000).join()})`,
  'an INSERT': `insert into t values ${Array.from({ length: MB / 16 }, (_, id) => `(${id}, 'abc')`).join()}`,
  'one string': `select '${'x'.repeat(MB)}'`,
  'one string beyond Latin-1': `select '${repeated('漢字é')}'`,
  'one name': `select ${'x'.repeat(MB)}`,
  'one number': `select ${'1'.repeat(MB)}`,
  'one comment': `select 1 /*${' '.repeat(MB)}*/`,
  'short names': `select ${repeated('a,')}1`,
  'qualified names': `select ${repeated('a.')}b`,
  conditions: `select 1 where ${repeated('a = 1 and ')}true`,
  'calls of functions': `select ${repeated('lower(a), ')}1`,
  'opening parentheses': repeated('('),
  'opening parentheses behind select': `select ${repeated('(')}`,
  'pairs of parentheses': `select ${repeated('()')}`,
  'opening comments': repeated('/*'),
  'opening comments behind select': `select ${repeated('/*')}`,
  'short comments': `select ${repeated('/**/')}1`,
  'executable comments': `select ${repeated('/*!50000 a */')}1`,
  'unfinished executable comments': `select ${repeated('/*!50000 a ')}1`,
  'line comments': `select ${repeated('-- \n')}1`,
  quotes: repeated("'"),
  'quotes behind select': `select ${repeated("'")}`,
  'double quotes': `select ${repeated('"')}`,
  backticks: `select ${repeated('`')}`,
  backslashes: `select '${repeated('\\')}`,
  'backslashes with quotes': `select '${repeated("\\'")}`,
  semicolons: repeated(';'),
  'semicolons behind a statement': `select 1${repeated(';')}`,
  dashes: `select ${repeated('-')}`,
  stars: `select ${repeated('*')}`,
  slashes: `select ${repeated('/')}`,
  colons: `select ${repeated(':')}`,
  dollars: `select ${repeated('$')}`,
  'dollar tags': `select ${Array.from({ length: MB / 8 }, (_, id) => `$a${id}$`).join(' ')}`,
  'a dollar tag with near misses': `select $${'a'.repeat(60)}$${repeated(`b${'a'.repeat(60)}$`)}`,
  variables: `select ${repeated('@@a ')}`,
  'WITH queries': `with ${repeated('a as (select 1),')}b as (select 1) select 1`,
  'FOR after FOR': `select ${repeated('for ')}`,
  'nul characters': repeated('\0'),
  'half characters': repeated('\ud800'),
};

/** Of the whole process in milliseconds, so that other programs on the machine do not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function fastestOf(times: number, work: () => void): number {
  let fastest = Infinity;
  for (let time = 0; time < times; time++) {
    const started = cpuTime();
    work();
    fastest = Math.min(fastest, cpuTime() - started);
  }
  return fastest;
}

describe('1 MB of text is classified in less than 50 ms', () => {
  for (const engine of ['mysql', 'postgres'] satisfies Engine[]) {
    it.each(Object.keys(texts))(`${engine}: %s`, (name) => {
      const sql = texts[name]!;
      expect(fastestOf(3, () => scan(sql, engine))).toBeLessThan(50);
    });
  }

  it('and is understood, if it is one a program may send', () => {
    for (const name of ['an IN list', 'one string', 'one string beyond Latin-1', 'one comment', 'short comments']) {
      expect([name, scan(texts[name]!, 'mysql'), scan(texts[name]!, 'postgres')]).toEqual([name, 'read', 'read']);
    }
  });

  it('and is a write, if it has more words than anybody sends', () => {
    expect(scan(`select ${'a,'.repeat(100_000)}1`, 'mysql')).toBe('read');
    expect(scan(texts['short names']!, 'mysql')).toBe('write');
  });
});
