import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions, TypeOrmDatabase } from '@sluice/typeorm';
import { RoutedDataSource, useDatabase } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { databasesOf, whoRuns } from './support/opened.js';
import { type PoolOptions, recordingDriver } from './support/recording-driver.js';
import { besides, during, plainOptions, stock } from './support/side-by-side.js';

/** What reaches mysql2 and pg, seen through TypeORM's own `driver` option. */
describe.each(ENGINES)('what reaches the driver on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine, 2);
  });
  afterAll(() => servers?.stop());

  const settled = async (ds: { query(sql: string): Promise<unknown> }): Promise<void> =>
    void (await ds.query('SELECT 1'));
  const portIn = (pool: PoolOptions): unknown => pool['port'];

  /** The options of each database’s pool, by its name. */
  async function poolsOf(
    typeorm: Record<string, unknown>,
    databases: Record<string, TypeOrmDatabase>,
  ): Promise<Record<string, PoolOptions>> {
    const { options: recording, pools } = recordingDriver(engine);
    const options = { ...plainOptions(servers), ...typeorm, ...recording } as unknown as RoutableOptions;
    await during(new RoutedDataSource(options, { databases }), settled);
    return Object.fromEntries(Object.keys(databases).map((name, index) => [name, pools[index]!]));
  }

  it('is what TypeORM itself would hand over, for each database', async () => {
    const given = {
      ...plainOptions(servers),
      poolSize: 7,
      extra: { keepAliveInitialDelay: 5_000 },
      ...(engine === 'mariadb'
        ? {
            charset: 'latin1',
            timezone: '+02:00',
            connectTimeout: 4_321,
            insecureAuth: false,
            supportBigNumbers: false,
            bigNumberStrings: false,
            dateStrings: ['DATE'],
            multipleStatements: true,
            flags: ['-FOUND_ROWS'],
            trace: false,
            debug: false,
          }
        : { connectTimeoutMS: 4_321, applicationName: 'shop' }),
    };
    const theirs = recordingDriver(engine);
    const ours = recordingDriver(engine);
    await during(stock({ ...given, ...theirs.options }), settled);
    await during(besides(servers, { ...given, ...ours.options }), settled);
    const [expected] = theirs.pools;
    expect(theirs.pools).toHaveLength(1);
    expect(ours.pools).toEqual([expected, { ...expected, port: servers.replica(1).port }]);
    expect(Object.keys(ours.pools[0]!).toSorted()).toEqual(Object.keys(expected!).toSorted());
  });

  it('is what TypeORM’s replication would hand over', async () => {
    const [master, ...slaves] = servers.servers.map(({ name }) => {
      const { host, port, user: username, password, database } = servers.server(name).database;
      return { host, port, username, password, database };
    });
    const {
      host: _host,
      port: _port,
      username: _user,
      password: _password,
      database: _database,
      ...rest
    } = plainOptions(servers);
    const given = { ...rest, replication: { master, slaves }, poolSize: 3 };
    const theirs = recordingDriver(engine);
    const ours = recordingDriver(engine);
    await during(stock({ ...given, ...theirs.options }), settled);
    await during(new RoutedDataSource({ ...given, ...ours.options } as unknown as RoutableOptions), settled);
    const byPort = (a: PoolOptions, b: PoolOptions): number => Number(portIn(a)) - Number(portIn(b));
    expect(ours.pools.toSorted(byPort)).toEqual(theirs.pools.toSorted(byPort));
  });

  it('holds no option that nobody gave', async () => {
    const { default: pool } = await poolsOf({}, { default: { role: 'primary', weight: 2, zone: 'a' } });
    expect(pool).not.toHaveProperty('acquireTimeout');
    expect(pool).not.toHaveProperty('role');
    expect(pool).not.toHaveProperty('weight');
    expect(pool).not.toHaveProperty('zone');
  });

  it('holds each database’s own pool size, over poolSize and extra for all', async () => {
    const size = engine === 'mariadb' ? 'connectionLimit' : 'max';
    const databases = { default: {}, 'replica-1': { poolSize: 3 }, 'replica-2': { extra: { [size]: 4 } } };
    const sizes = (pools: Record<string, PoolOptions>) => Object.values(pools).map((pool) => pool[size]);
    expect(sizes(await poolsOf({ poolSize: 6 }, databases))).toEqual([6, 3, 4]);
    expect(sizes(await poolsOf({ extra: { [size]: 5 } }, databases))).toEqual([5, 3, 4]);
    expect(sizes(await poolsOf({ poolSize: 6, extra: { [size]: 5 } }, databases))).toEqual([5, 3, 4]);
    expect(sizes(await poolsOf({}, databases))).toEqual([undefined, 3, 4]);
  });

  it('holds each database’s own extra, added to extra for all', async () => {
    const databases = { default: {}, 'replica-1': { extra: { maxIdle: 3, queueLimit: 4 } } };
    const pools = await poolsOf({ extra: { idleTimeout: 1, maxIdle: 2 } }, databases);
    expect(pools['default']).toMatchObject({ idleTimeout: 1, maxIdle: 2 });
    expect(pools['default']).not.toHaveProperty('queueLimit');
    expect(pools['replica-1']).toMatchObject({ idleTimeout: 1, maxIdle: 3, queueLimit: 4 });
  });

  it('holds each database’s own ssl', async () => {
    const ssl = { ca: 'the authority of the replica', rejectUnauthorized: true };
    const pools = await poolsOf({}, { default: {}, 'replica-1': { ssl } });
    expect(pools['default']!['ssl']).toBeUndefined();
    expect(pools['replica-1']!['ssl']).toEqual(ssl);
    const shared = await poolsOf({ extra: { ssl: undefined } }, { default: {}, 'replica-1': { ssl } });
    expect(shared['replica-1']!['ssl']).toEqual(ssl);
  });

  it('holds an ssl for all, unless a database has one of its own', async () => {
    const ssl = { ca: 'for all', rejectUnauthorized: true };
    const own = { ca: 'its own', rejectUnauthorized: true };
    const pools = await poolsThatFail({ ssl }, { default: {}, 'replica-1': { ssl: own }, 'replica-2': { ssl: false } });
    expect(pools.map((pool) => pool['ssl'])).toEqual([ssl, own, false]);
  });

  it('holds each database’s own time to connect', async () => {
    const name = engine === 'mariadb' ? 'connectTimeout' : 'connectTimeoutMS';
    const pools = await poolsOf({ [name]: 2_000 }, { default: {}, 'replica-1': { [name]: 700 } });
    const driverName = engine === 'mariadb' ? 'connectTimeout' : 'connectionTimeoutMillis';
    expect(Object.values(pools).map((pool) => pool[driverName])).toEqual([2_000, 700]);
  });

  it('holds the address of the database, not one that extra or a socket names for all', async () => {
    const { host, port } = servers.replica(1).database;
    const extra = { host: 'elsewhere', port: 1, ...(engine === 'mariadb' && { socketPath: '/nowhere.sock' }) };
    const [, pool] = await poolsThatFail({ extra }, { default: {}, 'replica-1': { host, port } });
    expect(pool).toMatchObject({ host, port });
    expect(pool!['socketPath']).toBeUndefined();
  });

  it('is a whole address where databases give their own url', async () => {
    const url = (name: string): string => {
      const { host, port, user, password, database } = servers.server(name).database;
      return `${engine === 'mariadb' ? 'mysql' : 'postgres'}://${user}:${password}@${host}:${port}/${database}`;
    };
    const databases = { default: { url: url('default') }, 'replica-1': { url: url('replica-1') } };
    const { type, entities } = plainOptions(servers);
    await during(
      new RoutedDataSource({ type, entities, url: url('replica-2') } as unknown as RoutableOptions, { databases }),
      async (ds) => {
        for (const name of ['default', 'replica-1']) {
          expect(await useDatabase(name, () => whoRuns(ds, servers))).toBe(servers.server(name).port);
        }
      },
    );
  });

  it('is one pool per database, made anew each time the data source is initialized', async () => {
    const { options: recording, pools } = recordingDriver(engine);
    const ds = new RoutedDataSource({ ...plainOptions(servers), ...recording } as unknown as RoutableOptions, {
      databases: databasesOf(servers),
    });
    expect(pools).toHaveLength(0);
    await ds.initialize();
    expect(pools).toHaveLength(3);
    await ds.destroy();
    await ds.initialize();
    expect(pools).toHaveLength(6);
    await ds.destroy();
  });

  /** The options of pools of which some cannot connect. */
  async function poolsThatFail(
    typeorm: Record<string, unknown>,
    databases: Record<string, TypeOrmDatabase>,
  ): Promise<PoolOptions[]> {
    const { options: recording, pools } = recordingDriver(engine);
    const options = { ...plainOptions(servers), ...typeorm, ...recording } as unknown as RoutableOptions;
    const ds = new RoutedDataSource(options, { databases, probe: 'off' });
    await ds.initialize().then(
      () => ds.destroy(),
      () => undefined,
    );
    return pools;
  }
});
