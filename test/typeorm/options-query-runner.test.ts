import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { DataSource, QueryRunner } from 'typeorm';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { portOf, whoRuns } from './support/opened.js';
import { besides, onPrimaries, plainOptions, sideBySide, stock } from './support/side-by-side.js';
import { Audit, Tag } from './support/shop.js';
import type { RoutedDataSource } from '@sluice/typeorm';

describe.each(ENGINES)('query runners on %s', (engine) => {
  let servers: Servers;
  let theirs: DataSource;
  let ours: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    theirs = await stock(plainOptions(servers)).initialize();
    await theirs.synchronize();
    ours = await besides(servers, plainOptions(servers)).initialize();
    await servers.caughtUp();
  });
  afterAll(async () => {
    await theirs?.destroy();
    await ours?.destroy();
    await servers?.stop();
  });
  beforeEach(() => theirs.getRepository(Audit).clear());

  /** The same story with TypeORM's runner and with ours. */
  async function alike<T>(story: (runner: QueryRunner, ds: DataSource) => Promise<T>): Promise<T> {
    const told: T[] = [];
    for (const ds of [theirs, ours]) {
      const runner = ds.createQueryRunner();
      try {
        told.push(await story(runner, ds));
      } finally {
        await runner.release();
      }
    }
    expect(told[1]).toEqual(told[0]);
    return told[1]!;
  }
  const flags = ({ isReleased, isTransactionActive }: QueryRunner): unknown => ({ isReleased, isTransactionActive });
  const failure = (error: unknown): string => (error as Error).constructor.name;
  const whats = (source: QueryRunner['manager']) =>
    source.find(Audit, { order: { id: 'ASC' } }).then((found) => found.map(({ what }) => what));

  it('have the flags of TypeORM’s in every state', async () => {
    const told = await alike(async (runner) => {
      const states: unknown[] = [flags(runner)];
      const after = async (work: Promise<unknown>): Promise<void> => {
        await work;
        states.push(flags(runner));
      };
      await after(runner.connect());
      await after(runner.startTransaction());
      await after(runner.startTransaction());
      await after(runner.commitTransaction());
      await after(runner.rollbackTransaction());
      await after(runner.release());
      return states;
    });
    expect(told).toEqual([
      { isReleased: false, isTransactionActive: false },
      { isReleased: false, isTransactionActive: false },
      { isReleased: false, isTransactionActive: true },
      { isReleased: false, isTransactionActive: true },
      { isReleased: false, isTransactionActive: true },
      { isReleased: false, isTransactionActive: false },
      { isReleased: true, isTransactionActive: false },
    ]);
  });

  it('commit, roll back and use savepoints', async () => {
    const told = await alike(async (runner) => {
      await runner.manager.clear(Audit);
      await runner.startTransaction();
      await runner.manager.insert(Audit, { what: 'kept' });
      await runner.startTransaction();
      await runner.manager.insert(Audit, { what: 'undone' });
      await runner.rollbackTransaction();
      const inside = await whats(runner.manager);
      await runner.commitTransaction();
      await runner.startTransaction();
      await runner.manager.insert(Audit, { what: 'undone, too' });
      await runner.rollbackTransaction();
      return [inside, await whats(runner.manager)];
    });
    expect(told).toEqual([['kept'], ['kept']]);
  });

  it('refuse to commit or roll back what was not started', async () => {
    const told = await alike((runner) =>
      Promise.all([runner.commitTransaction().catch(failure), runner.rollbackTransaction().catch(failure)]),
    );
    expect(told).toEqual(['TransactionNotStartedError', 'TransactionNotStartedError']);
  });

  it('refuse work after they are released', async () => {
    const told = await alike(async (runner) => {
      await runner.query('SELECT 1');
      await runner.release();
      await runner.release();
      return Promise.all([
        runner.query('SELECT 1').catch(failure),
        runner.manager.find(Audit).catch(failure),
        runner.manager.save(Audit, { what: 'never' }).catch(failure),
        runner.manager.query('SELECT 1').catch(failure),
        runner.startTransaction().catch(failure),
      ]);
    });
    const name = QueryRunnerAlreadyReleasedError.name;
    expect(told).toEqual([name, name, name, 'QueryRunnerProviderAlreadyReleasedError', name]);
  });

  it('give the raw connection of the driver', async () => {
    const names = await alike(async (runner) => ((await runner.connect()) as object).constructor.name);
    expect(names).toBe(engine === 'mariadb' ? 'PoolConnection' : 'Client');
    const runner = ours.createQueryRunner();
    const raw = (await runner.connect()) as { query(sql: string, done: (error: unknown, result: any) => void): void };
    const [row] = await new Promise<{ port: unknown }[]>((resolve, reject) => {
      const sql = engine === 'mariadb' ? 'SELECT @@port AS port' : 'SELECT inet_server_port() AS port';
      raw.query(sql, (error, result) => (error ? reject(error as Error) : resolve(result.rows ?? result)));
    });
    expect(Number(row?.port)).toBe(servers.primary.port);
    await runner.release();
  });

  it('give the connection they use for their statements, and keep it', async () => {
    const session = engine === 'mariadb' ? 'SELECT CONNECTION_ID() AS id' : 'SELECT pg_backend_pid() AS id';
    await alike(async (runner) => {
      await runner.connect();
      const ids = [await runner.query(session), await runner.query(session), await runner.manager.query(session)];
      await runner.startTransaction();
      ids.push(await runner.query(session));
      await runner.commitTransaction();
      return new Set(ids.map(([row]) => row.id)).size;
    }).then((different) => expect(different).toBe(1));
  });

  it('keep a connection that was asked for until their release, also when a statement goes elsewhere', async () => {
    const runner = ours.createQueryRunner('slave');
    const raw = await runner.connect();
    await runner.manager.insert(Audit, { what: 'elsewhere' });
    const others = [1, 2, 3].map(() => ours.createQueryRunner('slave'));
    const connections = await Promise.all(others.map((other) => other.connect()));
    expect(connections).not.toContain(raw);
    await Promise.all([runner, ...others].map((each) => each.release()));
  });

  it('keep a transaction that SQL has opened on one connection', async () => {
    const told = await alike(async (runner) => {
      await runner.manager.clear(Audit);
      await runner.query('BEGIN');
      await runner.query("INSERT INTO audit (what) VALUES ('kept')");
      await runner.query('COMMIT');
      await runner.query('BEGIN');
      await runner.query("INSERT INTO audit (what) VALUES ('undone')");
      const inside = await whats(runner.manager);
      await runner.query('ROLLBACK');
      return [inside, await whats(runner.manager), flags(runner)];
    });
    expect(told).toEqual([['kept', 'undone'], ['kept'], { isReleased: false, isTransactionActive: false }]);
  });

  it('keep what SET has set', async () => {
    const [set, show] =
      engine === 'mariadb'
        ? ['SET SESSION max_error_count = 7', 'SELECT @@max_error_count AS value']
        : ["SET application_name = 'mine'", "SELECT current_setting('application_name') AS value"];
    const told = await alike(async (runner) => {
      await runner.query(set);
      return [await runner.query(show), await runner.query(show)];
    });
    const value = engine === 'mariadb' ? '7' : 'mine';
    expect(told).toEqual([[{ value }], [{ value }]]);
    const next = ours.createQueryRunner();
    expect(await next.query(show)).not.toEqual([{ value }]);
    await next.release();
  });

  it('say which role they have', async () => {
    const modes = (ds: DataSource) =>
      (['master', 'slave'] as const).map((mode) => ds.createQueryRunner(mode).getReplicationMode());
    expect(modes(ours)).toEqual(modes(theirs));
    const runner = ours.createQueryRunner('slave');
    expect(await whoRuns(runner, servers)).toBe(portOf(servers, 'replica-1'));
    expect(runner.getReplicationMode()).toBe('slave');
    await runner.manager.insert(Audit, { what: 'promoted' });
    expect(runner.getReplicationMode()).toBe('master');
    await runner.release();
  });

  it('share data with their manager and their subscribers as TypeORM’s do', async () => {
    await alike(async (runner) => {
      await runner.manager.save(Audit, { what: 'with data' }, { data: { by: 'me' } });
      return [runner.data, runner.manager.queryRunner === runner];
    });
  });

  it('describe tables as TypeORM’s do', async () => {
    const told = await alike(async (runner) => {
      const table = await runner.getTable('tag');
      return [
        await runner.hasTable('tag'),
        await runner.hasTable('nothing'),
        await runner.hasColumn('tag', 'label'),
        await runner.getCurrentDatabase(),
        table?.columns.map(({ name, type }) => [name, type]),
      ];
    });
    expect(told.slice(0, 4)).toEqual([true, false, true, 'app']);
  });

  describe('answer query(sql, parameters, structured) as TypeORM’s do, for', () => {
    const at = (n: number): string => (engine === 'mariadb' ? '?' : `$${n}`);
    const returning: readonly (readonly [string, string, unknown[]])[] = [
      ['INSERT … RETURNING', `INSERT INTO tag (label) VALUES (${at(1)}) RETURNING label`, ['c']],
      ['DELETE … RETURNING', `DELETE FROM tag WHERE label = ${at(1)} RETURNING label`, ['b']],
    ];
    const statements: readonly (readonly [string, string, unknown[]])[] = [
      ['SELECT', 'SELECT 1 AS one, NULL AS nothing', []],
      ['SELECT with parameters', `SELECT label FROM tag WHERE label = ${at(1)}`, ['a']],
      ['SELECT of nothing', 'SELECT label FROM tag WHERE 1 = 0', []],
      ['INSERT', `INSERT INTO tag (label) VALUES (${at(1)})`, ['c']],
      ['INSERT of several rows', `INSERT INTO tag (label) VALUES (${at(1)}), (${at(2)})`, ['c', 'd']],
      ['UPDATE', `UPDATE tag SET label = ${at(1)} WHERE label = 'a'`, ['b']],
      ['UPDATE of nothing', "UPDATE tag SET label = 'z' WHERE 1 = 0", []],
      ['DELETE', "DELETE FROM tag WHERE label = 'b'", []],
      ['CREATE TABLE', 'CREATE TABLE scratch (id int)', []],
      ['ALTER TABLE', 'ALTER TABLE tag ADD COLUMN extra int', []],
      ['DROP TABLE', 'DROP TABLE IF EXISTS scratch', []],
      ['SET', engine === 'mariadb' ? 'SET @x = 1' : "SET application_name = 'x'", []],
      ['BEGIN', 'BEGIN', []],
      ['EXPLAIN', 'EXPLAIN SELECT 1', []],
      ...returning,
    ];

    it.each(statements)('%s', async (_name, sql, parameters) => {
      for (const structured of [true, false]) {
        const told: unknown[] = [];
        for (const ds of [theirs, ours]) {
          await theirs.synchronize(true);
          await theirs.getRepository(Tag).insert([{ label: 'a' }, { label: 'b' }]);
          const runner = ds.createQueryRunner();
          told.push(await runner.query(sql, parameters, structured as true));
          await runner.release();
        }
        const [expected, got] = told;
        expect(got).toEqual(expected);
        expect((got as object).constructor.name).toBe((expected as object).constructor.name);
        expect(Object.keys(got as object)).toEqual(Object.keys(expected as object));
      }
      await theirs.query('DROP TABLE IF EXISTS scratch');
    });
  });

  it('answer dataSource.query and its kin as TypeORM’s do', async () => {
    const seen = await sideBySide(servers, {}, async (ds) => [
      await ds.query('SELECT 1 AS one'),
      await ds.manager.query('SELECT 1 AS one'),
      await ds.getRepository(Tag).query('SELECT 1 AS one'),
    ]);
    expect(seen.primary).toEqual(seen.stock);
    expect(seen.replica).toEqual(seen.stock);
    const written = await onPrimaries(servers, {}, async (ds) => {
      await ds.getRepository(Audit).clear();
      const { raw, affected } = await ds.getRepository(Audit).update({ what: 'none' }, { what: 'x' });
      return [affected, raw, await ds.getRepository(Audit).delete({ what: 'none' })];
    });
    expect(written.routed).toEqual(written.stock);
  });

  it('tell a syntax error as TypeORM’s do', async () => {
    const told = await alike((runner) =>
      runner.query('SELEC 1', [7]).catch(({ name, message, query, parameters, code, driverError }: any) => ({
        name,
        message,
        query,
        parameters,
        code,
        driver: driverError.constructor.name,
      })),
    );
    expect(told).toMatchObject({ name: 'QueryFailedError', query: 'SELEC 1', parameters: [7] });
  });
});
