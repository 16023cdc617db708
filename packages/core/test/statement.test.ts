import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../src/engine.js';
import { type StatementKind, classify, scan } from '../src/statement.js';
import { RecentKinds } from '../src/statement/recent-kinds.js';

/** For each kind the statements that are of it. */
type Table = Partial<Record<StatementKind, readonly string[]>>;

function rules(engines: readonly Engine[], title: string, table: Table): void {
  describe(`${title} (${engines.join(', ')})`, () => {
    for (const engine of engines) {
      for (const [kind, statements] of Object.entries(table)) {
        it.each(statements)(`${engine}: ${kind}: %j`, (sql) => {
          expect(scan(sql, engine)).toBe(kind);
        });
      }
    }
  });
}

const both = ['mysql', 'postgres'] as const;
const mysql = ['mysql'] as const;
const postgres = ['postgres'] as const;

rules(both, 'queries that only read', {
  read: [
    'select 1',
    'SELECT * FROM t WHERE id = 1',
    'select',
    '(select 1)',
    '((select 1) union (select 2)) order by 1',
    'select 1 union all select 2',
    'table t',
    'values (1), (2)',
    'explain select 1',
    'show tables',
    'select a, b from t join u using (id) where a in (1, 2) and exists (select 1 from v) group by a having count(*) > 1',
    'select count(distinct a), coalesce(max(b), 0), lower(c) from t',
    'select case when a then (1) else (2) end from t',
    'select row_number() over (partition by a order by b), sum(x) over w from t window w as (order by y)',
    'select cast(a as varchar(10)), cast(b as whatever(3)) from t',
    'select extract(year from a), substring(b for 3), substring(b from 2 for 3), trim(both from c) from t',
    'select position(a in b), replace(a, b, c), left(a, 1), right(a, 2) from t',
    'select * from (select 1 as a) as x (a)',
    'select * from (select 1 as a) x (a)',
    'select * from t left join lateral (select 1) as x on true',
    'select t.update, t.delete, t.for, t . into from t',
    'select * from for_update, updates, t_delete',
    "select 'for update', 'delete from t', 'it''s; drop'",
    'select "for update" from "update"',
    'select 1 as "insert"',
    'select a b from t c',
  ],
  write: [
    'select a into b from t',
    'select my_function(1)',
    'select my_function (1)',
    'select * from my_function(1)',
    'select a from t where my_function(a)',
    'select 1, (select my_function(1))',
    'select other.lower(a) from t',
    'select a.b.lower(c) from t',
    'select lower(my_function(1))',
    'select (a) my_function(b) from t',
    "select 'a' (b) from t",
    'select update from t',
    'select delete from t',
    'select 1 merge',
  ],
});

rules(both, 'WITH', {
  read: [
    'with x as (select 1) select * from x',
    'with x (a, b) as (select 1, 2), y as (values (1)) select * from x, y',
    'with recursive x (n) as (select 1 union all select n + 1 from x where n < 9) select * from x',
    'with a as (with b as (select 1) select * from b) select * from a',
    'with a as ((select 1)) (select * from a)',
    'select * from (with x as (select 1) select * from x) y',
    'select * from (with x (a) as (select 1) select a from x) y',
    'with "x" as (select 1) table x',
    'explain with x as (select 1) select * from x',
  ],
  locking: ['with x as (select * from t for update) select * from x'],
  write: [
    'with x as (select 1) delete from t',
    'with x as (select 1) update t set a = 1',
    'with x as (select 1) insert into t select * from x',
    'with x as (select 1) replace into t select * from x',
    'with x as (select 1) merge into t using x on true when matched then delete',
    'with x as (select 1) call p()',
    'with x as (delete from t returning *) select * from x',
    'with x as (insert into t values (1) returning *) select * from x',
    'with x as (update t set a = 1 returning *) select * from x',
    'with x as (merge into t using u on true when matched then delete returning *) select * from x',
    'with x as (replace into t values (1) returning *) select * from x',
    'with a as (with b as (delete from t returning *) select * from b) select * from a',
    'select * from (with x as (delete from t returning *) select * from x) y',
    'with x as (select my_function()) select * from x',
    'with x as (call p()) select 1',
    'with x as () select 1',
    'with x as (select 1) (call p())',
    'with x as (select 1) (1)',
    'with x as (select 1)',
    'with',
  ],
});

rules(postgres, 'WITH', {
  read: [
    'with x as materialized (select 1), y as not materialized (select 2) select * from x, y',
    'with recursive x as (select 1 as a) search depth first by a set o cycle a set c using p select * from x',
    'with recursive x as (select 1 as a) search breadth first by a, b set o, y as (select 2) select * from y',
    'with x as (values (1)) select * from x',
  ],
  write: [
    'with recursive x as (select 1 as a) search depth first by a set o delete from t',
    'with recursive x as (select 1 as a) search depth first by a set o',
    '(with recursive x as (select 1 as a) search depth first by a set o)',
    'with recursive x as (select 1) cycle a set c using p, y as (delete from t returning *) select 1',
  ],
});

rules(both, 'locking reads', {
  locking: [
    'select * from t for update',
    'SELECT * FROM t FOR UPDATE NOWAIT',
    'select * from t for share skip locked',
    'select * from t for update of t',
    'select * from t where id in (select id from u for update)',
    'select (select a from t limit 1 for share)',
    '(select 1) union (select * from t for update)',
    '(select * from t) for update',
    'select * from t\nfor\n\tupdate;',
    'select * from t for/**/update -- x',
    'explain select * from t for update',
    'table t for update',
  ],
  write: ['select my_function() from t for update', 'select * from t for update into x', 'select 1 for'],
});

rules(postgres, 'locking reads', {
  locking: [
    'select * from t for no key update',
    'select * from t for key share of t nowait',
    'select * from t limit 1for update',
    'declare c cursor for select * from t for update',
  ],
  read: ['select * from t for read only', 'select collation for (a) from t', 'select lock, share from t'],
});

rules(mysql, 'locking reads', {
  locking: [
    'select * from t lock in share mode',
    'select * from t where id = (select max(id) from u lock in share mode)',
    'select * from t for update wait 5',
    'select 1e5for update',
    'select 1.for update',
    'select * from t lock in share mode skip locked',
  ],
  read: [
    'select * from t use index for order by (a) where b',
    'select * from t force index for join (a, b), u ignore key for group by (c)',
    "select * from t for system_time as of timestamp '2020-01-01 00:00:00'",
    'select * from t for system_time between now() and now()',
    'select * from t for system_time all',
  ],
});

rules(both, 'statements that are one or several', {
  read: ['select 1;', 'select 1 ; ', 'select 1; -- end', 'select 1;/* end */\n'],
  write: [
    'select 1; select 2',
    'select 1; delete from t',
    'select 1;;',
    ';select 1',
    ';',
    'begin; select 1',
    'set a = 1; delete from t',
    'begin; delete from t; commit',
    'show tables; drop table t',
  ],
});

rules(both, 'texts that are no statement', {
  write: [
    '',
    ' ',
    '\n\t',
    '-- select 1',
    '/* select 1 */',
    '()',
    '(',
    'select (',
    'select )',
    'select 1)',
    '(select 1',
    "select 'a",
    'select "a',
    'select /* a',
    "select 'a' 'b",
    '1',
    "'select 1'",
    '"select" 1',
    'selec t',
    'select_1',
    'select\u00a01',
    'select 1\u00a0',
    'select 1 \u0085 from t',
    'select \u00ad a',
    '\ufeffselect 1',
    'select 1 \u2028 from t',
    'select\u30001',
    'select 1 \0',
    "select 'a\0b'",
    'select 1 \u0001',
    'select \ud800',
    'select \ufffd',
    'select \\',
    'se/**/lect 1',
    '😀',
  ],
});

rules(both, 'comments', {
  read: [
    '/* a */ select 1',
    '-- a\nselect 1',
    'select/* for update */1',
    'select 1 -- for update',
    'select 1 /* delete from t; */',
    'select 1 -- it\'s\n, 2 -- "\n',
    '/**/select/***/1/*/ */',
    "select '/*', '*/'",
    "select '--', 1",
  ],
  locking: ["select '/*' from t for update -- */", 'select 1 /* */ for update /* */', "select '--' from t\nfor update"],
  write: ['/* select 1 */ delete from t', '-- select 1\ndelete from t', '-- delete from t', 'select 1 /* /'],
});

rules(postgres, 'comments', {
  read: ['select 1 /* /* */ for update */', 'select 1 --for update', 'select 1 /*! for update */'],
  locking: ['select 1 -- a\rfor update', 'select 1 # for update'],
  write: ['select 1 /* /* */', 'select 1 */* a'],
});

rules(mysql, 'comments', {
  read: [
    'select 1 # for update',
    'select 5--1',
    'select 1 --\tfor update',
    'select 1 --',
    'select 1 -- a\rfor update',
    'select /*+ MAX_EXECUTION_TIME(1000) */ * from t',
    'select /*+ INDEX(t a) SET_VAR(x = 1) */ * from t',
    'select /*!40001 SQL_NO_CACHE */ * from t',
    'select /*! straight_join */ * from t',
    'select a /*!80013 , expression as b */ from t',
    'select /*M!100510 case when a then b else */ null /*M!100510 end */ from t',
    '/*!50000 select 1 */',
  ],
  locking: [
    'select 1 --for update',
    'select 1 /* /* */ for update',
    'select 1 /*!80000 for update */',
    'select 1 /*M!100100 for update */',
    'select /*!50000 "*/ for update -- " */ 1',
    'select 5--1 from t for update',
  ],
  session: ['/*!40101 SET NAMES utf8 */;'],
  write: [
    '/*!50000 delete from t */',
    '/*M!100100 delete from t */',
    'select 1 /*! into outfile "a" */',
    'select 1 /*!99999 , my_function(1) */',
    // Code on one server and nothing on another: the second one calls a function.
    'select 1, /*!99999 2 as */ my_function(1)',
    'select 1 /*!50000 + 1 */ /*!60000 + 2 */',
    'select 1 /*!50000 + /* */ 1 */',
    'select 1 /*!5000 + 1 */',
    'select 1 /*!50000',
    "select 1 /*!50000 'a*/ b' */",
    // A hint has a tokenizer of its own, to which a quoted name may hold the end of the comment.
    "select /*+ QB_NAME(`*/ 'x`) */ * from t for update -- '",
    'select 1 --\u00a0for update',
    'select 1 --é',
  ],
});

rules(postgres, 'quotes', {
  read: [
    "select E'it\\'s for update'",
    "select e'\\\\' , 'a'",
    'select $$for update$$',
    "select $a$ $$ ' $a$, $b1_$;$b1_$",
    'select U&\'d\\0061t\' , U&"a"',
    "select n'a', b'1', x'ff'",
    "select 'a\\b', 'c'",
    "select like'a'",
    'select "a""b" from "t"',
    'select a$b$c from t where x = $1',
    'select * from t where a = ANY($1) and b ? $2',
    'select 1 "é", é, 漢字 from t',
  ],
  locking: ["select 'a' from t for update of \"b'\"", 'select $1 from t for update', 'select a$$ from t for update'],
  write: [
    "select 'a\\' , for update --'",
    "select U&'\\' for update --'",
    'select $a$ for update $b$',
    'select $$ for update',
    'select $ 1',
    'select $a-b$ 1 $a-b$',
    "select E'a\\'",
    `select $${'a'.repeat(80)}$ $${'a'.repeat(80)}$`,
  ],
});

rules(mysql, 'quotes', {
  read: [
    "select 'it\\'s for update'",
    "select '\\\\', 'a'",
    'select `for update`, `a``b` from `delete`',
    'select "for update"',
    'select "a\\\\", "b"',
    "select _utf8mb4'a', N'b', x'41', 0x41, b'1'",
    'select a from t where b = ? and c = :name',
    'select `é`, é from t',
    'select t.1st, `t`.2nd, 1st from t',
    "select {fn now()}, {d '2020-01-01'}",
    'select a$b from t',
    "select 'a' 'b'",
  ],
  write: [
    // As a string this one goes on, as a name it ends: ANSI_QUOTES decides.
    'select "a\\" , 1 for update -- "',
    'select "{\\"a\\": 1}"',
    'select $$ for update $$',
    'select `a',
    "select 'a\\'",
    'select "my_function"(1)',
    'select `lower`(a) from t',
    'select `count`(*) from t',
    'select 1\\N',
  ],
});

rules(postgres, 'functions', {
  read: [
    "select pg_catalog.lower('A'), PG_CATALOG . upper('a'), \"pg_catalog\".\"lower\"('A'), \"lower\"('A')",
    'select LOWER(a), array_agg(a order by b), string_agg(a, b) filter (where c) from t',
    'select percentile_cont(0.5) within group (order by a) from t',
    'select * from generate_series(1, 3), unnest(array[1, 2]) with ordinality as u(a, b)',
    'select * from unnest(a) with ordinality u(a, b)',
    'select * from generate_series(1, 3) g(n), jsonb_to_recordset(a) as x(b int, c numeric(10, 2))',
    "select a::numeric(10, 2), '1'::public.whatever(3), a::varchar(3)[] from t",
    'select array[1, 2], array(select 1), row(1, 2), (a, b) overlaps (c, d) from t',
    'select a is distinct from b, a between symmetric (1) and (2), a at time zone (b) from t',
    'select gen_random_uuid(), random(), now(), clock_timestamp(), pg_sleep(1)',
    'select ST_AsGeoJSON(a), ST_DWithin(a, b, 10) from t where a && ST_MakeEnvelope(1, 2, 3, 4)',
    "select to_tsvector('english', a) @@ plainto_tsquery(b), ts_rank(c, d) from t",
    'select make_interval(days := 3), make_interval(days => 3)',
    'select a like (b), a ilike (c) from t join (select 1) x on true',
    'select * from t tablesample system (10) repeatable (1)',
    "select * from json_table(a, '$[*]' columns (b int path '$.b', c for ordinality)) as j",
    "select json_object('a' value (b)), overlay(a placing b from 1 for 2) from t",
    'select a from t group by rollup (a), cube (b), grouping sets ((a), ())',
    'select a from t fetch first (3) rows only',
    'select (a).* from t',
    "select current_setting('server_version'), current_schema(), version()",
    'select distinct on (a) lower(b) from t',
  ],
  write: [
    "select nextval('s')",
    "select setval('s', 1)",
    "select lastval(), currval('s')",
    "select pg_catalog.nextval('s')",
    'select "nextval"(\'s\')',
    'select "LOWER"(\'a\')',
    'select U&"lower"(\'a\')',
    "select ('s'::regclass).nextval",
    'select (a).b from t',
    'select a[1].b from t',
    'select $1.nextval',
    'select pg_advisory_lock(1)',
    'select pg_try_advisory_xact_lock(1)',
    "select pg_notify('a', 'b')",
    "select set_config('a', 'b', false)",
    'select txid_current(), 1',
    'select pg_current_xact_id()',
    "select * from dblink('a', 'b') as x(c int)",
    'select lo_get(1)',
    'select pg_terminate_backend(1)',
    "select pg_read_file('a')",
    "select query_to_xml('delete from t', true, false, '')",
    "select * from ts_stat('select f()')",
    'select pg_current_wal_lsn()',
    'select public.lower(a) from t',
    'select a.pg_catalog.lower(b) from t',
    'select "in"(1)',
    'select a, "over"(1) from t',
    'select * from t u(a)',
    'select distinct on (a) my_function(b) from t',
    'select distinct on (a) over(b) from t',
    'select 1 operator(pg_catalog.+) my_function()',
    'select 1 operator(public.+) 2',
    'select lower(a) operator(pg_catalog.+) over (b) from t',
    'select first(a), key(b) from t',
    'select not ilike(a)',
    'select * from t tablesample my_method(10)',
    'select ST_FromFlatGeobufToTable(a, b, c)',
    'select ma\u212ae_date(1, 2, 3)',
  ],
});

rules(mysql, 'functions', {
  read: [
    "select group_concat(distinct a order by b separator ',') from t",
    'select if(a, b, c), ifnull(a, b), insert(a, 1, 2, b), values(a), char(65 using utf8), convert(a using utf8) from t',
    'select date_add(a, interval 1 day), interval(1, 2), timestampdiff(day, a, b) from t',
    "select match (a, b) against ('x' in boolean mode) from t",
    "select * from json_table(a, '$[*]' columns (id for ordinality, b varchar(10) path '$.b')) as j",
    "select a->'$.b', a->>'$.c', json_extract(a, '$.d'), 1 member of ('[1]') from t",
    'select uuid(), rand(), now(), version(), database(), connection_id(), sleep(1), benchmark(1, 1)',
    'select st_distance_sphere(point(1, 2), a), st_astext(b) from t',
    'select * from t partition (p0, p1) where a regexp (b) and a rlike (c) or not (d) xor (e)',
    'values row (1, 2), row(3, 4)',
    'select * from t where a = binary (b) and c div (2) > 0',
    'select high_priority sql_no_cache (1)',
    'select @@port, @@global.gtid_executed, @@session.sql_mode, @@version_comment limit 1',
    "select master_gtid_wait('0-1-1', 1)",
    'select avg(a) over (), first_value(a) over (rows between 1 preceding and current row) from t',
    'select percentile_cont(0.5) within group (order by a) over (partition by b) from t',
    'select lower (a), COUNT (*) from t',
    'select update_time from t',
    'select * from t1 straight_join (select 1) x',
    'select weight_string(a as char(3)), trim(leading (a) from b) from t',
    'select * from t, lateral (select 1) x',
  ],
  write: [
    "select get_lock('a', 1)",
    "select release_lock('a')",
    'select last_insert_id()',
    'select found_rows()',
    'select row_count()',
    'select sql_calc_found_rows * from t',
    'select nextval(s)',
    'select next value for s',
    'select previous value for s',
    "select substring('a', next value for s)",
    'select s.nextval',
    'select s.`nextval`',
    'select "s"."CURRVAL"',
    'select app.lower(a) from t',
    'select app . my_function (1)',
    'select `app`.`lower`(a) from t',
    "select load_file('a')",
    "select a into outfile 'b' from t",
    "select a into dumpfile 'b' from t",
    'select a into @b from t',
    'select a from t into @b',
    'table t into outfile "a"',
    'select @a := 1',
    'select @a',
    "select @'a'",
    'select @`a` from t',
    'select @@last_insert_id',
    'select @@session.identity',
    'select @@session .last_insert_id',
    'select @@ `a`',
    'select * from t procedure analyse()',
    'select 1count(a) from t',
    'select a.1count(b) from t',
    'select a.1e5count(b) from t',
    'select wee\u212a(a) from t',
  ],
});

rules(both, 'writes', {
  write: [
    'insert into t values (1)',
    'INSERT INTO t SELECT * FROM u',
    'update t set a = 1',
    'delete from t',
    'replace into t values (1)',
    'merge into t using u on true when matched then delete',
    'create table t (a int)',
    'create table t as select 1',
    'create temporary table t as select 1',
    'alter table t add a int',
    'drop table t',
    'truncate t',
    'rename table a to b',
    'grant select on t to u',
    'revoke select on t from u',
    'analyze t',
    'call p()',
    'do sleep(1)',
    'execute p',
    'load data infile "a" into table t',
    'alter system set a = 1',
    'comment on table t is null',
    '(delete from t)',
    '((insert into t values (1)))',
    '/* a */ -- b\n delete from t',
    'delete/**/from t',
  ],
});

rules(postgres, 'writes', {
  write: [
    "copy t from 'a'",
    'copy (select 1) to stdout',
    'notify a',
    'vacuum',
    'refresh materialized view v',
    'reindex table t',
    'cluster t',
    'checkpoint',
    'do $$ begin perform 1; end $$',
    "load 'a'",
    'import foreign schema a from server b into c',
    'security label on table t is null',
    "commit prepared 'a'",
    "rollback prepared 'a'",
    'explain delete from t',
    'explain analyze delete from t',
    'explain (analyze, buffers) update t set a = 1',
    'explain analyze select my_function()',
    "explain analyze select nextval('s')",
    'explain analyze execute p',
    'explain analyze create table t as select 1',
    'explain analyze with x as (delete from t returning *) select * from x',
    'explain (analyze) (delete from t)',
    'explain',
    'explain analyze',
    'describe t',
    'use a',
  ],
  read: [
    'explain analyze select 1',
    'explain analyze verbose select 1',
    'explain (analyze, buffers, format json) select 1',
    'explain (select 1)',
    'explain (((select 1)))',
    'explain ("analyze", costs off) values (1)',
    'show search_path',
    'show all',
    'show transaction isolation level',
    'show my.update',
  ],
});

rules(mysql, 'writes', {
  write: [
    'flush tables',
    'kill 1',
    'analyze table t',
    'analyze select 1',
    'optimize table t',
    'check table t',
    'handler t open',
    'install plugin a soname "b"',
    'change master to a = 1',
    'reset master',
    'start slave',
    'start group_replication',
    'stop replica',
    'purge binary logs to "a"',
    'lock instance for backup',
    'begin not atomic delete from t; end',
    'execute immediate "delete from t"',
    'signal sqlstate "45000"',
    'explain delete from t',
    'explain update t set a = 1',
    'explain insert into t values (1)',
    'explain replace into t values (1)',
    'explain analyze delete from t',
    'explain analyze select my_function()',
    'explain for connection 1',
    'explain format=json into @a select 1',
    'explain format=tree for connection 1',
    'show warnings',
    'show count(*) errors',
    'show tables where @a := 1',
    'show tables where my_function()',
    'describe',
    'set global a = 1',
    'set persist a = 1',
    'set a = 1, global b = 2',
    'set @@global.a = 1',
    'set @@persist_only.a = 1',
    'set password = "a"',
    'set default role a to b',
    'set resource group a',
    'set statement a = 1 for delete from t',
    'set @a = my_function()',
    'set @a = next value for s',
  ],
  read: [
    'explain analyze select 1',
    'explain format=json select 1',
    'explain format = tree (select 1)',
    'explain extended select 1',
    'desc t',
    'describe t a',
    'desc `t` "a%"',
    'explain t',
    'desc a.b',
    'desc select 1',
    'show create table t',
    'show full columns from t where field like "a%"',
    "show grants for 'u'@'h'",
    'show grants for u@h',
    'show binlog events in "a" from 4 limit 1',
    'show replica status for channel "a"',
    'show profile_count',
    'show index from t',
    'help "select"',
  ],
});

rules(both, 'statements about the session', {
  session: [
    'begin',
    'BEGIN;',
    'begin work',
    'start transaction',
    'start transaction read only',
    'commit',
    'commit and chain',
    'rollback',
    'rollback to savepoint a',
    'savepoint a',
    'release savepoint a',
    'set transaction isolation level serializable',
    'set a = 1',
    "set names 'utf8'",
    'lock table t',
    'deallocate prepare a',
    "prepare a from 'delete from t'",
  ],
  write: ['start', 'begin insert', 'set a = (delete from t)', 'commit; delete from t', 'set a = my_function()'],
});

rules(postgres, 'statements about the session', {
  session: [
    'begin isolation level repeatable read, read only, not deferrable',
    'end',
    'abort',
    'set local a to default',
    'set session characteristics as transaction read only',
    "set time zone interval '+00:00' hour to minute",
    'reset all',
    'listen a',
    'unlisten *',
    'discard all',
    'declare c cursor for select 1',
    'fetch 10 from c',
    'move forward 1 from c',
    'close c',
    'lock table t in share row exclusive mode nowait',
    'lock table t in share update exclusive mode',
    'prepare a as select 1',
    "prepare transaction 'a'",
  ],
  write: ['prepare a as delete from t', "declare c cursor for select nextval('s')"],
});

rules(mysql, 'statements about the session', {
  session: [
    'use a',
    'set autocommit = 0',
    'set @a = 1, @b := 2',
    'set @a = (select max(id) from t)',
    "set session sql_mode = concat(@@sql_mode, ',ANSI')",
    'set character set utf8',
    'set role a',
    'lock tables t read, u write',
    'unlock tables',
    "xa start 'a'",
    'start transaction with consistent snapshot',
  ],
});

describe('classify', () => {
  it('remembers each engine apart', () => {
    const sql = 'select 1 # for update';
    expect([classify(sql, 'mysql'), classify(sql, 'postgres')]).toEqual(['read', 'locking']);
    expect([classify(sql, 'mysql'), classify(sql, 'postgres')]).toEqual(['read', 'locking']);
  });

  it('answers as scan does, also from memory', () => {
    for (let round = 0; round < 2; round++) {
      for (let id = 0; id < 3_000; id++) {
        const sql = id % 2 === 0 ? `select ${id}` : `delete from t where id = ${id}`;
        expect(classify(sql, 'mysql')).toBe(id % 2 === 0 ? 'read' : 'write');
      }
    }
  });
});

describe('RecentKinds', () => {
  it('keeps no more than 2,000 statements', () => {
    const recent = new RecentKinds();
    for (let id = 0; id < 10_000; id++) recent.add(`select ${id}`, 'read');
    expect(recent.size).toBeLessThanOrEqual(2_000);
    expect(recent.get('select 9999')).toBe('read');
    expect(recent.get('select 1')).toBeUndefined();
  });

  it('keeps no more than two million characters', () => {
    const recent = new RecentKinds();
    const filling = 'x'.repeat(9_900);
    for (let id = 0; id < 1_000; id++) recent.add(`select ${id} ${filling}`, 'read');
    expect(recent.size).toBeLessThanOrEqual(202);
  });

  it('keeps no statement beyond 10,000 characters', () => {
    const recent = new RecentKinds();
    recent.add('x'.repeat(10_001), 'read');
    expect(recent.size).toBe(0);
    recent.add('x'.repeat(10_000), 'read');
    expect(recent.size).toBe(1);
  });

  it('keeps what is asked for again and again', () => {
    const recent = new RecentKinds();
    recent.add('often', 'locking');
    for (let id = 0; id < 20_000; id++) {
      recent.add(`select ${id}`, 'read');
      if (id % 500 === 0) expect(recent.get('often')).toBe('locking');
    }
  });
});
