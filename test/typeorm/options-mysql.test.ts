import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import { useDatabase } from '@sluice/typeorm';
import type { DataSource } from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { whoRuns } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { besides, during, onPrimaries, plainOptions, sideBySide, stock } from './support/side-by-side.js';
import { Tag } from './support/shop.js';

/** TypeORM's options for MySQL and MariaDB mean the same to a routed data source, on every one of its databases. */
describe.each(ENGINES.filter((engine) => engine === 'mariadb'))('options on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    await during(stock(plainOptions(servers)), (ds) => ds.synchronize());
    await servers.caughtUp();
  });
  afterAll(() => servers?.stop());

  const ask = (sql: string, parameters?: unknown[]) => (ds: DataSource) => ds.query(sql, parameters);

  it.each([
    [
      'charset',
      { charset: 'latin1' },
      ask('SELECT @@character_set_client AS a, @@collation_connection AS b'),
      [{ a: 'latin1', b: 'latin1_swedish_ci' }],
    ],
    [
      'timezone',
      { timezone: '+05:00' },
      ask('SELECT CONCAT(?) AS at', [new Date(0)]),
      [{ at: '1970-01-01 05:00:00.000' }],
    ],
    ['no supportBigNumbers', {}, ask('SELECT 9007199254740993 AS n'), [{ n: '9007199254740993' }]],
    [
      'supportBigNumbers: false',
      { supportBigNumbers: false, bigNumberStrings: false },
      ask('SELECT CAST(42 AS SIGNED) AS n'),
      [{ n: 42 }],
    ],
    [
      'bigNumberStrings: false',
      { bigNumberStrings: false },
      ask('SELECT CAST(42 AS SIGNED) AS a, 9007199254740993 AS b'),
      [{ a: 42, b: '9007199254740993' }],
    ],
    ['dateStrings', { dateStrings: true }, ask("SELECT CAST('2020-01-02' AS DATE) AS d"), [{ d: '2020-01-02' }]],
    [
      'dateStrings for one type',
      { dateStrings: ['DATETIME'] },
      ask("SELECT CAST('2020-01-02 03:04:05' AS DATETIME) AS d"),
      [{ d: '2020-01-02 03:04:05' }],
    ],
    ['extra', { extra: { decimalNumbers: true } }, ask('SELECT CAST(1.5 AS DECIMAL(3, 1)) AS d'), [{ d: 1.5 }]],
    [
      'extra over a named option',
      { charset: 'latin1', extra: { charset: 'utf8mb4_bin' } },
      ask('SELECT @@character_set_client AS a'),
      [{ a: 'utf8mb4' }],
    ],
  ] as const)('%s', async (_name, options, observe, expected) => {
    const seen = await sideBySide(servers, options, observe);
    expect(seen).toEqual({ stock: expected, primary: expected, replica: expected });
  });

  it('multipleStatements', async () => {
    const seen = await onPrimaries(servers, { multipleStatements: true }, (ds) =>
      ds.query('SELECT 1 AS a; SELECT 2 AS b'),
    );
    expect(seen.stock).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    expect(seen.routed).toEqual(seen.stock);
    const refused = await onPrimaries(servers, {}, (ds) =>
      ds.query('SELECT 1; SELECT 2').catch((error: { code: string }) => error.code),
    );
    expect(refused).toEqual({ stock: 'ER_PARSE_ERROR', routed: 'ER_PARSE_ERROR' });
  });

  it('flags', async () => {
    const touch = async (ds: DataSource) => {
      const { id } = await ds.getRepository(Tag).save({ label: 'same' });
      return (await ds.getRepository(Tag).update({ id }, { label: 'same' })).affected;
    };
    expect(await onPrimaries(servers, {}, touch)).toEqual({ stock: 1, routed: 1 });
    expect(await onPrimaries(servers, { flags: ['-FOUND_ROWS'] }, touch)).toEqual({ stock: 0, routed: 0 });
  });

  it('maxQueryExecutionTime tells slow statements to the logger', async () => {
    const logger = new Recorder();
    const sql = 'SELECT SLEEP(0.05) AS slow';
    const seen = await sideBySide(servers, { maxQueryExecutionTime: 1, logger }, async (ds) => {
      logger.clear();
      await ds.query(sql);
      return [...logger.slow];
    });
    expect(seen).toEqual({ stock: [sql], primary: [sql], replica: [sql] });
  });

  it('enableQueryTimeout ends a statement that takes longer', async () => {
    const options = { maxQueryExecutionTime: 50, enableQueryTimeout: true, logger: new Recorder() };
    const seen = await sideBySide(servers, options, (ds) =>
      ds.query('SELECT SLEEP(1)').catch((error: { code: string }) => error.code),
    );
    expect(seen).toEqual({
      stock: 'PROTOCOL_SEQUENCE_TIMEOUT',
      primary: 'PROTOCOL_SEQUENCE_TIMEOUT',
      replica: 'PROTOCOL_SEQUENCE_TIMEOUT',
    });
  });

  it('url', async () => {
    const { host, port, user, password, database } = servers.primary.database;
    const {
      host: _host,
      port: _port,
      username: _user,
      password: _password,
      database: _database,
      ...rest
    } = plainOptions(servers);
    const options = { ...rest, url: `mysql://${user}:${password}@${host}:${port}/${database}` };
    await during(stock(options), async (ds) => expect(await whoRuns(ds, servers)).toBe(port));
    await during(besides(servers, options), async (ds) => {
      expect(await whoRuns(ds, servers)).toBe(port);
      expect(await useDatabase('replica-1', () => whoRuns(ds, servers))).toBe(servers.replica(1).port);
    });
  });

  it('socketPath reaches the server whose socket it is, and a database with a host of its own not through it', async () => {
    const [row] = await servers.primary.query('SELECT @@socket AS path');
    await servers.primary.query("CREATE USER app@localhost IDENTIFIED BY 'app'; GRANT ALL ON app.* TO app@localhost");
    const { host: _host, port: _port, ...rest } = plainOptions(servers);
    const options = { ...rest, socketPath: String(row?.['path']) };
    await during(stock(options), async (ds) => expect(await whoRuns(ds, servers)).toBe(servers.primary.port));
    await during(besides(servers, options), async (ds) => {
      expect(await whoRuns(ds, servers)).toBe(servers.primary.port);
      expect(await useDatabase('replica-1', () => whoRuns(ds, servers))).toBe(servers.replica(1).port);
    });
  });

  it('a statement that mysql2 is handed with named parameters', async () => {
    const seen = await sideBySide(servers, { extra: { namedPlaceholders: true } }, (ds) =>
      ds.query('SELECT :a AS a', { a: 7 } as never),
    );
    expect(seen).toEqual({ stock: [{ a: 7 }], primary: [{ a: 7 }], replica: [{ a: 7 }] });
  });
});
