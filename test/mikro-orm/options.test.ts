import { afterEach, describe, expect, it } from '@jest/globals';
import { MariaDbDriver, MySqlDriver } from './support/drivers.js';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { RoutedOptions } from '@sluice/mikro-orm';
import { clusterOf, ReplicaRouter, routed } from '@sluice/mikro-orm';
import { closeAll, init, unconnected } from './support/opened.js';

const config = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'SLUICE_CONFIG', message: expect.stringMatching(text) });
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('the options of a routed driver', () => {
  afterEach(closeAll);

  it.each<[string, unknown, RegExp]>([
    ['null', null, /options are null/],
    ['an unknown option', { databases: { default: {} }, roouter: 1 }, /no option "roouter", did you mean "router"/],
    ['databases that are an array', { databases: [] }, /databases is an array/],
    ['no database at all', { databases: {} }, /databases is empty/],
    ['a database that is no object', { databases: { default: 'db-1' } }, /database default is "db-1"/],
    [
      'an unknown option of a database',
      { databases: { default: { hosst: 'x' } } },
      /database default has no option "hosst", did you mean "host"/,
    ],
    ['no primary', { databases: { 'replica-1': {} } }, /none of the databases replica-1 is a primary/],
    ['a wrong role', { databases: { default: { role: 'master' } } }, /role of database default is "master"/],
    ['a wrong weight', { databases: { default: { weight: -1 } } }, /weight of database default is -1/],
    ['a wrong zone', { databases: { default: { zone: 1 } }, zone: 'a' }, /zone of database default is 1/],
    ['a zone that is empty', { databases: { default: {} }, zone: '' }, /zone is ""/],
    ['a router that is none', { databases: { default: {} }, router: 'ReplicaRooter' }, /did you mean "ReplicaRouter"/],
    [
      'router and routers',
      { databases: { default: {} }, router: ReplicaRouter, routers: [ReplicaRouter] },
      /router and routers are both given/,
    ],
    ['a name twice', { databases: { default: {}, 'Default ': {} } }, /there twice/],
  ])('are refused at once: %s', (_name, options, message) => {
    expect(thrownBy(() => routed(MariaDbDriver, options as RoutedOptions))).toEqual(config(message));
  });

  it('are refused for a driver that is not routed', () => {
    class SqliteDriver {}
    expect(thrownBy(() => routed(SqliteDriver as never, { databases: { default: {} } }))).toEqual(
      config(/SqliteDriver, which is not routed; give one of MySqlDriver/),
    );
    expect(thrownBy(() => routed(undefined as never, { databases: { default: {} } }))).toEqual(config(/not routed/));
  });

  it('are not given twice: databases, and the replicas of the ORM', async () => {
    const driver = routed(MariaDbDriver, { databases: { default: {} } });
    await expect(init('mariadb', driver, { dbName: 'app', connect: false, replicas: [{ host: 'x' }] })).rejects.toEqual(
      config(/databases and replicas are both given/),
    );
  });

  it('take over the replicas of the ORM, by number or by their names', async () => {
    const driver = routed(MariaDbDriver, { router: new ReplicaRouter() });
    const orm = await init('mariadb', driver, {
      dbName: 'app',
      connect: false,
      replicas: [{ host: 'a' }, { name: 'reports', host: 'b' }],
    });
    const { databases } = clusterOf(orm);
    expect(databases.all.map(({ name, role }) => [name, role])).toEqual([
      ['default', 'primary'],
      ['replica-1', 'replica'],
      ['reports', 'replica'],
    ]);
  });

  it('leave the driver what it was for whoever looks at it', async () => {
    for (const Driver of [MariaDbDriver, MySqlDriver, PostgreSqlDriver]) {
      const RoutedDriver = routed(Driver as typeof MariaDbDriver, { databases: { default: {} } });
      expect(RoutedDriver.prototype).toBeInstanceOf(Driver);
    }
  });

  it.each([MariaDbDriver, MySqlDriver, PostgreSqlDriver] as unknown as (typeof MariaDbDriver)[])(
    'start nothing when a driver is made (%p)',
    async (Driver) => {
      const busy = (): number => process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length;
      const before = busy();
      const orm = await unconnected(
        routed(Driver, { databases: { default: { host: 'a' }, 'replica-1': { host: 'b' } } }),
      );
      orm.em.fork();
      expect(busy()).toBe(before);
    },
  );

  it('say what each connection is made of', async () => {
    const orm = await unconnected(
      routed(MariaDbDriver, {
        databases: {
          default: { host: 'db-1' },
          'replica-1': { clientUrl: 'mysql://reader:secret@db-2:3307/shop' },
          'replica-2': { port: 3308, user: 'other' },
        },
      }),
      { host: 'db-0', port: 3306, user: 'app', password: 'pw', dbName: 'main' },
    );
    expect(await orm.addresses()).toEqual({
      default: { host: 'db-1', port: 3306 },
      'replica-1': { host: 'db-2', port: 3307 },
      'replica-2': { host: 'db-0', port: 3308 },
    });
  });

  it('refuse a client that would serve all databases', async () => {
    const orm = await unconnected(routed(MariaDbDriver, { databases: { default: {}, 'replica-1': {} } }), {
      driverOptions: () => ({}),
    });
    await expect(orm.em.fork().execute('select 1')).rejects.toEqual(config(/driverOptions is .*for one server/));
  });

  it('are asked of something that is routed', async () => {
    const orm = await init('mariadb', MariaDbDriver, { dbName: 'app', connect: false });
    expect(thrownBy(() => clusterOf(orm))).toEqual(config(/not routed/));
  });

  it('give the cluster of an ORM, its entity managers and its driver', async () => {
    const orm = await unconnected(routed(MariaDbDriver, { databases: { default: {} }, name: 'shop' }));
    const cluster = clusterOf(orm);
    expect(cluster.name).toBe('shop');
    expect(clusterOf(orm.em)).toBe(cluster);
    expect(clusterOf(orm.em.fork())).toBe(cluster);
    expect(clusterOf(orm.em.getDriver())).toBe(cluster);
  });
});
