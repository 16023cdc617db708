import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Parser } from 'node-sql-parser';
import { loadModule, parseSync } from 'pgsql-parser';
import { type StatementKind, scan } from '../src/statement.js';
import { FUNCTIONS } from '../src/statement/functions.js';

beforeAll(loadModule);

type Tree = { readonly [key: string]: unknown };

function isTree(node: unknown): node is Tree {
  return typeof node === 'object' && node !== null;
}

/** Every key of a parse tree with its value, at any depth. */
function* entries(node: unknown): Generator<readonly [key: string, value: unknown]> {
  if (!isTree(node)) return;
  for (const [key, value] of Object.entries(node)) {
    yield [key, value];
    yield* entries(value);
  }
}

/** The names in a list of PostgreSQL's String nodes. */
function names(list: unknown): string[] {
  return Array.isArray(list) ? list.map((node) => String((node as { String?: { sval?: string } }).String?.sval)) : [];
}

/** Functions that the grammar itself calls: `a LIKE b ESCAPE c`, `COLLATION FOR (a)`, TRIM, AT TIME ZONE, ... */
const OF_GRAMMAR = new Set(['like_escape', 'similar_to_escape', 'pg_collation_for', 'is_normalized']);

function isHarmlessPostgresCall(path: readonly string[]): boolean {
  const [schema, name = schema] = path;
  if (path.length > 2 || (path.length === 2 && schema !== 'pg_catalog')) return false;
  return FUNCTIONS.postgres.has(String(name)) || (path.length === 2 && OF_GRAMMAR.has(String(name)));
}

/** What PostgreSQL's own grammar says of a statement; 'write' too, if it calls a function that is not on our list. */
function postgresKind(sql: string): StatementKind | 'error' {
  let statements: readonly { stmt?: unknown }[];
  try {
    statements = (parseSync(sql) as { stmts?: { stmt?: unknown }[] }).stmts ?? [];
  } catch {
    return 'error';
  }
  const [only, ...more] = statements;
  if (only === undefined || more.length > 0 || !isTree(only.stmt)) return 'write';
  const [verb = ''] = Object.keys(only.stmt);
  let kind: StatementKind = verb === 'SelectStmt' || verb === 'VariableShowStmt' ? 'read' : 'write';
  if (verb === 'ExplainStmt' && isTree(only.stmt[verb]) && 'SelectStmt' in (only.stmt[verb]['query'] as Tree))
    kind = 'read';
  for (const [key, value] of entries(only.stmt)) {
    if (/^(Insert|Update|Delete|Merge)Stmt$/.test(key) || key === 'intoClause') return 'write';
    if (key === 'lockingClause' && kind === 'read') kind = 'locking';
    if (!isTree(value)) continue;
    if (key === 'FuncCall' && !isHarmlessPostgresCall(names(value['funcname']))) return 'write';
    // ('s'::regclass).nextval may call a function too.
    if (key === 'A_Indirection' && names(value['indirection']).some((name) => name !== 'undefined')) return 'write';
    if (key === 'RangeTableSample' && !/^(system|bernoulli)$/.test(names(value['method']).join('.'))) return 'write';
  }
  return kind;
}

/** Less exact: it refuses some of what MySQL allows, and knows nothing of functions with side effects. */
function mysqlKind(parser: Parser, sql: string): StatementKind | 'error' {
  let ast: unknown;
  try {
    ast = parser.astify(sql, { database: 'mysql' });
  } catch {
    return 'error';
  }
  if (Array.isArray(ast)) {
    if (ast.length !== 1) return 'write';
    [ast] = ast;
  }
  if (!isTree(ast)) return 'write';
  if (!['select', 'show', 'desc', 'explain'].includes(String(ast['type']))) return 'write';
  let kind: StatementKind = 'read';
  for (const [key, value] of entries({ ast })) {
    if (key === 'locking_read' && value !== null) kind = 'locking';
    if (!isTree(value)) continue;
    const { type } = value;
    if (['insert', 'update', 'delete', 'replace', 'assign', 'into'].includes(String(type))) return 'write';
    if (type === 'var' && value['prefix'] === '@') return 'write';
    if (type === 'function' && isTree(value['name']) && !isHarmlessMysqlCall(value['name'])) return 'write';
  }
  return kind;
}

function isHarmlessMysqlCall({ name, schema }: Tree): boolean {
  const [first] = Array.isArray(name) ? (name as { value?: string; type?: string }[]) : [];
  const called = String(first?.value).toLowerCase();
  return !isTree(schema) && (called === 'exists' || called === 'not' || FUNCTIONS.mysql.has(called));
}

const postgresCorpus: readonly string[] = [
  'select 1',
  'select a, b.c, t.* from t where a = $1 order by b desc nulls last limit 10 offset 5',
  'select distinct on (a) a, b from t order by a, b',
  'select count(distinct("x"."id")) as "cnt" from "x"',
  'select * from a left join b on a.id = b.id cross join lateral (select 1) c join d using (id) natural join e',
  'select (select max(a) from t), exists (select 1), array(select 2), 1 in (select 3), 1 = any (select 4)',
  "select case when a then 'b' else 'c' end, cast(a as numeric(10, 2)), b::varchar(3)[], date '2020-01-01', interval '1' day",
  'select sum(a) filter (where b > 1) over (partition by c order by d rows between 1 preceding and current row) from t window w as (order by x)',
  "select extract(year from a), substring(b from 2 for 3), overlay(a placing b from 1), position(a in b), trim(both 'x' from c), a at time zone 'utc'",
  "select a is distinct from b, a between symmetric 1 and 2, a like 'x' escape 'y', a ilike b, a similar to b, a ~* 'x', a @> '{}', a ->> 'b', a #>> '{c}' from t",
  'select * from generate_series(1, 3) as g(n), unnest(array[1, 2]) with ordinality as u(a, b), rows from (lower(a), upper(b)) as r',
  'select * from jsonb_to_recordset($1) as x(a int, b numeric(10, 2), c text[])',
  'select json_agg(x order by y), jsonb_build_object($1::text, b), row_to_json(r), to_jsonb(t) from t',
  "select json_object('a' value b), json_value(a, '$.b' returning int), json_exists(a, '$.c'), json_array(1, 2)",
  "select * from json_table(a, '$[*]' columns (b int path '$.b', c for ordinality))",
  "select * from xmltable('/a' passing b columns c int path '@d')",
  'select * from t tablesample bernoulli (10) repeatable (1)',
  'select a from t group by grouping sets ((a), ()), rollup (b), cube (c) having count(*) > 1',
  'select a from t union select b from u intersect (select c from v except all select d from w) order by 1 fetch first 3 rows with ties',
  'values (1, 2), (3, 4) order by 1',
  'table t',
  'table only t',
  'with x as (select 1) select * from x',
  'with x(a) as materialized (values (1)), y as not materialized (table t) select * from x, y',
  'with recursive x(n) as (select 1 union all select n + 1 from x) search depth first by n set o cycle n set c using p select * from x',
  'select * from t where a = (with x as (select 1) select * from x)',
  'explain select 1',
  'explain (analyze, buffers, format json) select * from t',
  'explain analyze verbose select 1',
  'show search_path',
  'show time zone',
  "select 'for update', $$delete from t$$, E'\\'; drop', U&'\\0061', \"into\" from \"update\" as \"for\"",
  'select 1 as for, 2 as into, t.update from t',
  'select 1 /* /* for update */ */ -- into x',
  "select pg_catalog.format_type(a, b), col_description(c, d), quote_ident(e) || '.' || quote_ident(f) from pg_class",
  "select obj_description((quote_ident(a) || '.' || quote_ident(b))::regclass, 'pg_class'), current_schema, current_date",
  "select gen_random_uuid(), random(), now() - interval '1 day', make_interval(days => 3)",
  'select collation for (a), normalize(b, nfc), a is normalized, greatest(1, 2), nullif(a, b), coalesce(a, b)',
  'select * from t for read only',
  'select * from t for update',
  'select * from t for no key update of t nowait',
  'select * from t for share skip locked',
  'select * from t for key share',
  'select * from (select * from t for update) x',
  '(select * from t for update)',
  'select (select a from t for share)',
  'with x as (select * from t for update) select * from x',
  'select 1; select 2',
  'select a into b from t',
  'select a into temporary table b from t',
  'explain analyze select a into b from t',
  'explain delete from t',
  'explain analyze insert into t values (1)',
  'explain analyze create table x as select 1',
  'explain execute p',
  'with x as (delete from t returning *) select * from x',
  'with x as (select 1) insert into t select * from x',
  'with x as (update t set a = 1 returning a), y as (select 1) select * from y',
  'with x as (merge into t using u on true when matched then delete returning *) select 1',
  'select * from (with x as (insert into t values (1) returning *) select * from x) y',
  "select nextval('s'), pg_catalog.setval('s', 1), \"currval\"('s')",
  "select ('s'::regclass).nextval",
  'select my_function(a), public.lower(b) from t',
  'select distinct on (a) my_function(b) from t',
  'select 1 where my_function(a) or not my_function(b)',
  'select * from my_function(1) as x(a int)',
  'select a from t order by my_function(a)',
  'select * from t join u on my_function(a)',
  'select * from t tablesample my_method(1)',
  'select U&"my_funct\\0069on"(1)',
  'insert into t values (1) on conflict (a) do update set b = 1 returning *',
  'update t set a = 1 from u where t.id = u.id',
  'delete from t using u',
  'merge into t using u on t.id = u.id when matched then update set a = 1',
  'truncate t',
  'copy t to stdout',
  'copy (select 1) to stdout',
  'do $$ begin end $$',
  'call p()',
  'create table t as select 1',
  'refresh materialized view v',
  'vacuum t',
  'notify a',
];

const mysqlCorpus: readonly string[] = [
  'select 1',
  'select a, b.c, t.* from t where a = ? order by b desc limit 10 offset 5',
  'select distinct a from t group by b having count(*) > 1',
  'select `a`.`b` as `c` from `a` left join `d` on `a`.`id` = `d`.`id` inner join `e` using (id)',
  "select case when a then 'b' else 'c' end, cast(a as char(10)), if(a, b, c), ifnull(a, b), concat(a, 'b')",
  "select group_concat(distinct a order by b separator ',') from t",
  'select date_add(a, interval 1 day), extract(year from b), substring(c, 1, 2) from t',
  'select a from t where b in (select c from d) and exists (select 1 from e) and not (f)',
  'select a from t union all select b from u order by 1 limit 3',
  '(select 1) union (select 2)',
  'with x as (select 1) select * from x',
  'with recursive x (n) as (select 1 union all select n + 1 from x) select * from x',
  'select row_number() over (partition by a order by b) from t',
  "select a->'$.b', a->>'$.c' from t",
  'select * from t use index (a)',
  'select \'for update\', "delete", `into` from `update`',
  "select 'it\\'s', 'a''b' -- for update",
  'select 1 /* for update */ # into x',
  'show tables',
  'desc t',
  'explain select 1',
  'select @@port',
  'select version(), database(), uuid(), now()',
  'select * from (select 1 as a) x',
  'select * from t for update',
  'select * from t lock in share mode',
  'select * from t for share',
  'select * from t where a in (select b from u for update)',
  'select * from (select * from t for update) x',
  'with x as (select * from t for update) select * from x',
  'select a into @b from t',
  "select a into outfile 'x' from t",
  "select a into dumpfile 'x' from t",
  'select 1; select 2',
  'select 1; delete from t',
  'select @a',
  'select @a := 1',
  'select my_function(1), db.lower(a) from t',
  'select lower(my_function(a)) from t',
  'select a from t where get_lock(b, 1)',
  'select last_insert_id()',
  'insert into t values (1)',
  'insert into t (a) select 1 on duplicate key update a = 2',
  'replace into t values (1)',
  'update t set a = 1',
  'update t join u on t.id = u.id set t.a = 1',
  'delete from t',
  'call p()',
  'create table t (a int)',
  'drop table t',
  'truncate table t',
  'alter table t add b int',
  'with x as (select 1) update t set a = 1',
  'with x as (select 1) delete from t',
];

describe('PostgreSQL, next to its own grammar', () => {
  it.each(postgresCorpus)('%s', (sql) => {
    const oracle = postgresKind(sql);
    expect(oracle).not.toBe('error');
    expect(scan(sql, 'postgres')).toBe(oracle);
  });

  /** Pieces of which statements come out that nobody would think of. */
  const piece = fc.constantFrom(
    ...`select|from t|from t x|where|and|not|in|exists|(|(|)|)|)|,|1|a|b.c|"a"|"for"|'s'|E'\\''|U&'x'|U&"w"|$$x$$|$a$;$a$|$1|*|count(*)
    |lower(a)|w(1)|"w"(1)|"lower"(a)|pg_catalog.lower(a)|pg_catalog.w(1)|public.lower(a)|nextval('s')|as x|as x(a)|x(a)|as "x"(a)|::int
    |::numeric(1,2)|::w(3)|for update|for no key update|for key share|for share of t nowait|for read only|into x|into temp x|with x as (
    |with x(a) as (|with x as not materialized (|with recursive x as (|, y as (|delete from t returning *|insert into t values (1) returning *
    |update t set a=1 returning *|values (1)|table t|union all|except|order by|group by|having|limit|offset|over (partition by|over (
    |filter (where|within group (order by|distinct|distinct on (a)|all|any|array[|]|row(|case when|then|else|end|cast(|as int)|as w(1))
    |substring(a from|for|position(|trim(both|collation for (|at time zone|like|ilike|similar to|is distinct from|isnull|overlaps (|lateral
    |join|left join|cross join|on true|using (a)|with ordinality|with ordinality as u(a,b)|with ordinality u(a,b)|unnest(a)|rows from (
    |tablesample system (1)|tablesample w(1)|operator(pg_catalog.+)|+|-|@>|?|/* x */|/* /* */ */|;|explain|explain analyze|explain (analyze)
    |grouping sets ((a),())|rollup(a)|interval(3) '1'|time(3)|a.*|(a).b|(a).*|a[1]|a[1].b|xmltable('/x' passing a columns b int)
    |json_table(a, '$' columns (b int))|json_object('a' value w(1))|update|delete|insert|as for|as update|as into|w|search depth first by a set o
    |cycle a set c using p|only (t)|commit|1for|1.|.5|1e5|no|key|share|over|filter|first(1)|of|by|over(1)|filter(1)|like(1)|join(1)|columns(1)`
      .split('|')
      .map((text) => text.trim()),
  );
  const gap = fc.constantFrom(' ', ' ', ' ', '', '\n', '/**/', ' -- x\r');
  const opening = fc.constantFrom(
    'select ',
    'select 1, ',
    'select * from ',
    'with x as (select 1) ',
    '(select ',
    'select lower(',
  );
  const statement = fc
    .tuple(opening, fc.array(fc.tuple(piece, gap), { minLength: 1, maxLength: 6 }), fc.boolean())
    .map(([first, parts, closes]) => {
      const text = first + parts.flat().join('');
      const unclosed = text.split('(').length - text.split(')').length;
      return closes ? text + ')'.repeat(Math.max(unclosed, 0)) : text;
    });

  it('never calls a statement a read that is none, nor a session statement what is a query', () => {
    fc.assert(
      fc.property(statement, (sql) => {
        const oracle = postgresKind(sql);
        fc.pre(oracle !== 'error');
        const kind = scan(sql, 'postgres');
        // stricter than need be is right: it goes to a primary
        const closed = kind === 'write' || (kind === 'locking' && oracle === 'read');
        expect([sql, closed ? oracle : kind]).toEqual([sql, oracle]);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

describe('MySQL, next to node-sql-parser', () => {
  const parser = new Parser();

  it.each(mysqlCorpus)('%s', (sql) => {
    const oracle = mysqlKind(parser, sql);
    const kind = scan(sql, 'mysql');
    // The oracle knows less than MySQL; where it understands, we agree.
    if (oracle !== 'error') expect(kind).toBe(oracle);
    else expect(kind).not.toBe('session');
  });

  it('understands nine in ten of them, so that the comparison says something', () => {
    const understood = mysqlCorpus.filter((sql) => mysqlKind(parser, sql) !== 'error');
    expect(understood.length).toBeGreaterThan(mysqlCorpus.length * 0.9);
  });
});
