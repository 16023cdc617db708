import { describe, expect, it } from '@jest/globals';
import { MikroORM, MySqlDriver } from '@mikro-orm/mysql';
import {
  type EntityManager as PostgreSqlEntityManager,
  MikroORM as PostgreSqlORM,
  PostgreSqlDriver,
} from '@mikro-orm/postgresql';
import type { MikroOrmDatabase, RoutedOptions } from '@sluice/mikro-orm';
import { routed } from '@sluice/mikro-orm';

/** Compiled with the tests; a wrong type is an error there. */
describe('the types of a routed driver', () => {
  it('are those of the driver that is given', () => {
    const options: RoutedOptions = { databases: { default: {}, 'replica-1': { host: 'db-2', pool: { max: 5 } } } };
    const Routed: typeof MySqlDriver = routed(MySqlDriver, options);
    const mysql = () => MikroORM.init({ driver: routed(MySqlDriver, options), dbName: 'shop', entities: [] });
    const postgres = () =>
      PostgreSqlORM.init({ driver: routed(PostgreSqlDriver, options), dbName: 'shop', entities: [] });
    const inferred = {
      mysqlDriver: (orm: Awaited<ReturnType<typeof mysql>>): MySqlDriver => orm.driver,
      mysqlBuilder: (orm: Awaited<ReturnType<typeof mysql>>) => orm.em.getKysely(),
      postgresDriver: (orm: Awaited<ReturnType<typeof postgres>>): PostgreSqlDriver => orm.driver,
      postgresEntityManager: (orm: Awaited<ReturnType<typeof postgres>>): PostgreSqlEntityManager => orm.em,
      // @ts-expect-error it is the driver of another engine
      otherDriver: (orm: Awaited<ReturnType<typeof postgres>>): MySqlDriver => orm.driver,
    };
    expect(Routed.prototype).toBeInstanceOf(MySqlDriver);
    expect(Object.keys(inferred)).toHaveLength(5);
  });

  it('refuse what is no driver, and options that nobody knows', () => {
    // @ts-expect-error a driver is a class
    const wrong = () => routed({}, {});
    // @ts-expect-error "hots" is no option
    const typo: MikroOrmDatabase = { hots: 'db-2' };
    // @ts-expect-error a role is a primary or a replica
    const role: MikroOrmDatabase = { role: 'slave' };
    expect([typeof wrong, typo, role]).toHaveLength(3);
  });
});
