import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Engine } from '../src/engine.js';
import { classify, scan } from '../src/statement.js';

const engine = fc.constantFrom<Engine>('mysql', 'postgres');

/** Statements with a space wherever any gap may stand, so that cutting at spaces gives their tokens. */
const spaced: Readonly<Record<Engine, readonly string[]>> = {
  mysql: [
    'select a . b , count ( * ) from t where a = 1 and b in ( 1 , 2 ) group by a . b limit 10',
    "( select `a` from `t` ) union ( select 'x' from u ) order by 1",
    'with x ( a ) as ( select 1 ) select * from x join y using ( a ) where not exists ( select 1 from z )',
    'select * from t where id = ( select max ( id ) from u ) for update',
    'select * from t lock in share mode',
    'select substring ( a from 2 for 3 ) , @@port from t use index for order by ( i )',
    'explain format = json select * from t',
    'show full columns from t',
    'insert into t ( a ) values ( 1 )',
    'with x as ( select 1 ) delete from t where a in ( select * from x )',
    'select my_function ( a ) from t',
    'select a into @b from t',
    'select @a := 1',
    'select next value for s',
    'set session sql_mode = concat ( @@sql_mode , ? )',
    'set a = 1 , global b = 2',
    'start transaction read only',
    'lock tables t read , u write',
  ],
  postgres: [
    'select a . b , count ( * ) filter ( where c ) from t where a = any ( $1 ) group by a . b',
    `( select "a" from "t" ) union all ( select 'x' from u ) fetch first ( 3 ) rows only`,
    'with recursive x ( a ) as materialized ( select 1 ) search depth first by a set o select * from x',
    'select * from unnest ( a ) with ordinality as u ( b , c ) , generate_series ( 1 , 2 ) g ( n )',
    'select a :: numeric ( 10 , 2 ) , cast ( b as varchar ( 3 ) ) from t',
    'select * from t for no key update of t nowait',
    'select * from t where id in ( select id from u for share )',
    'explain ( analyze , buffers ) select 1',
    'show search_path',
    'insert into t ( a ) values ( 1 ) returning a',
    'with x as ( delete from t returning * ) select * from x',
    "select pg_catalog . nextval ( 's' )",
    'select "my_function" ( a ) from t',
    "select ( 's' :: regclass ) . nextval",
    'select distinct on ( a ) my_function ( b ) from t',
    'select a into b from t',
    'lock table t in share update exclusive mode',
    'begin isolation level serializable',
  ],
};
const gaps: Readonly<Record<Engine, readonly string[]>> = {
  mysql: [' ', '\n', '\t', '\r\n', '\f', '/* a */', '/**/', "/* ' */", '-- "\n', '# `\n', '--\t/*\n', '/*+ a */'],
  postgres: [
    ' ',
    '\n',
    '\t',
    '\r\n',
    '\f',
    '/* a */',
    '/**/',
    "/* ' */",
    '-- "\n',
    '--$$\r',
    '/* /* */ */',
    '/*! a */',
  ],
};

const cased = (word: string, upper: readonly boolean[]): string =>
  Array.from(word, (letter, at) => (upper[at % upper.length] ? letter.toUpperCase() : letter)).join('');

describe('case, comments and white space do not change the kind', () => {
  for (const engineName of ['mysql', 'postgres'] satisfies Engine[]) {
    it.each(spaced[engineName])(`${engineName}: %s`, (sql) => {
      const tokens = sql.split(' ');
      const kind = scan(sql, engineName);
      const gap = fc
        .array(fc.constantFrom(...gaps[engineName]), { minLength: 1, maxLength: 3 })
        .map((parts) => parts.join(''));
      fc.assert(
        fc.property(
          fc.array(gap, { minLength: tokens.length + 1, maxLength: tokens.length + 1 }),
          fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
          (between, upper) => {
            // The case of a quoted name matters to PostgreSQL, the case of a string to everybody.
            const written = tokens.map((token) => (/^["'`]/.test(token) ? token : cased(token, upper)));
            const text = written.map((token, at) => between[at] + token).join('') + between[tokens.length];
            expect([text, scan(text, engineName)]).toEqual([text, kind]);
          },
        ),
        { seed: 1, numRuns: 60 },
      );
    });
  }
});

const fragment = fc.constantFrom(
  ...`select ( ) , . ; : := :: ' '' " "" \` \\ \\' \\" /* */ /*! /*!50000 /*M! /*+ -- # $ $$ $a$ $1 @ @@ @a e' E' U&' U&" x' 1 1. .5 1e5 0x1 a w( "w"(
  for update share no key lock in mode into insert delete merge replace with as ( select 1 ) x t from values table not materialized recursive
  search cycle set begin commit explain analyze format = show desc union all distinct on over filter by group order`.split(
    /\s+/,
  ),
  ' ',
  '\n',
  '\r',
  '\0',
  '\u00a0',
  '\ufeff',
  '\ud800',
  '😀',
  'é',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')),
  fc.array(fragment, { maxLength: 30 }).map((parts) => `select ${parts.join(' ')}`),
);

describe('any text', () => {
  it('has a kind, the same each time, and never throws', () => {
    fc.assert(
      fc.property(anyText, engine, (sql, engineName) => {
        const kind = scan(sql, engineName);
        expect(['read', 'locking', 'write', 'session']).toContain(kind);
        expect([classify(sql, engineName), classify(sql, engineName)]).toEqual([kind, kind]);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it('is a write where it is cut off inside a string, a comment, a name or parentheses', () => {
    const whole = 'select lower(a), \'bc\' /* d */, (select "ef" from t) from t where (a = 1)';
    for (const last of ['(', '(a', "'b", "'bc", '/*', '/* d', '(select', '"', '"e', '"ef"', 'from t', '(a = 1']) {
      const sql = whole.slice(0, whole.indexOf(last) + last.length);
      expect([sql, scan(sql, 'mysql'), scan(sql, 'postgres')]).toEqual([sql, 'write', 'write']);
    }
  });
});

/** Tokens of every sort, each whole, and none that changes what the next one is. */
const harmless = fc
  .constantFrom(
    'select 1 a t "q" \'s\' , ( ) * + = < from where and or not in exists join on case when then else end union all order by group having limit null true /*c*/ lower( count( distinct over values is between like x y z row any some'.split(
      ' ',
    ),
  )
  .chain((words) => fc.constantFrom(...words));
const garbage = fc.array(harmless, { maxLength: 12 });
const start = fc.constantFrom(
  'select',
  'select 1',
  '(select 1',
  'with x as (select 1) select',
  'explain select',
  'show',
  'values (1)',
  '',
);
const verb = fc.constantFrom(
  'insert into t',
  'update t set',
  'delete from t',
  'merge into t',
  'replace into t',
  'DELETE',
  'UpDaTe',
  'insert t',
);
/** Behind an operator, for behind `f(x)` or `(select 1)` a name with parentheses is an alias with its columns. */
const danger = fc.constantFrom(
  '+ my_function(1)',
  ", nextval('s')",
  'and other.f(1)',
  ', a.f (1)',
  '= get_lock(1)',
  'or set_config(1)',
  'into x',
);

describe('whatever stands around it', () => {
  it('a verb that changes rows makes it no read', () => {
    fc.assert(
      fc.property(start, garbage, verb, garbage, engine, (first, before, middle, after, engineName) => {
        const sql = [first, ...before, middle, ...after].join(' ');
        expect([sql, scan(sql, engineName)]).not.toEqual([sql, 'read']);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it('a call of an unknown function, or INTO, makes it no read', () => {
    fc.assert(
      fc.property(start, garbage, danger, garbage, engine, (first, before, middle, after, engineName) => {
        const sql = [first, ...before, middle, ...after].join(' ');
        expect([sql, scan(sql, engineName)]).not.toEqual([sql, 'read']);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it('a locking clause makes it no read', () => {
    const clause = fc.constantFrom(
      'for update',
      'FOR SHARE',
      'for/**/update',
      'for no key update',
      'for -- a\n key share',
    );
    fc.assert(
      fc.property(start, garbage, clause, garbage, engine, (first, before, middle, after, engineName) => {
        const sql = [first, ...before, middle, ...after].join(' ');
        expect([sql, scan(sql, engineName)]).not.toEqual([sql, 'read']);
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });

  it('a second statement makes it a write', () => {
    fc.assert(
      fc.property(start, garbage, garbage, engine, (first, before, after, engineName) => {
        const sql = [first, ...before, '; select', ...after].join(' ');
        expect([sql, scan(sql, engineName)]).toEqual([sql, 'write']);
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });
});
