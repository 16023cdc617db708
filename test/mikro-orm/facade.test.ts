import { afterEach, describe, expect, it } from '@jest/globals';
import { routed } from '@sluice/mikro-orm';
import { MariaDbDriver, MySqlDriver, PostgreSqlDriver } from './support/drivers.js';
import { closeAll, init, unconnected } from './support/opened.js';

/** Methods that reach no server, or do so only through those that are overridden. */
const HARMLESS = new Set([
  'constructor',
  // what they send goes through execute(), begin(), commit() and rollback()
  'transactional',
  'callRoutine',
  'callRoutineFunction',
  'fetchRefcursors',
  'applySessionContext',
  'waitForIdleTransaction',
  // how a real connection makes its client; a facade is never connected
  'createKysely',
  'createKyselyDialect',
  'createKnex',
  'createKnexClient',
  'getKnexOptions',
  'patchKnexClient',
  'mapOptions',
  'onConnect',
  'handlePoolErrors',
  'composeSessionContextOnReserve',
  'buildConnectionSessionStatements',
  'requireNativeClient',
  // words only
  'setMetadata',
  'setPlatform',
  'getPlatform',
  'getDefaultClientUrl',
  'executeQuery',
  'logQuery',
  'prepareQuery',
  'getSql',
  'transformRawResult',
  'stringifySessionVariable',
  'convertRoutineInbound',
  'convertRoutineOutbound',
  'applyRoutineOutParams',
]);

function methodsOf(prototype: object): string[] {
  const names = new Set<string>();
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}

describe.each([
  ['MariaDbDriver', MariaDbDriver],
  ['MySqlDriver', MySqlDriver],
  ['PostgreSqlDriver', PostgreSqlDriver],
] as unknown as [string, typeof MariaDbDriver][])('the connection of a routed %s', (_name, Driver) => {
  afterEach(closeAll);

  it('overrides every method that would reach a server of its own', async () => {
    const stock = await init('mariadb', Driver, { dbName: 'app', connect: false });
    const orm = await unconnected(routed(Driver, { databases: { default: {} } }));
    const facade = Object.getPrototypeOf(orm.driver.getConnection()) as object;
    const overridden = new Set(Object.getOwnPropertyNames(facade));
    const methods = methodsOf(Object.getPrototypeOf(stock.driver.getConnection()) as object);
    expect(methods.length).toBeGreaterThan(15);
    expect(methods.filter((method) => !overridden.has(method) && !HARMLESS.has(method))).toEqual([]);
  });

  it('is of the class that the driver itself uses', async () => {
    const stock = await init('mariadb', Driver, { dbName: 'app', connect: false });
    const orm = await unconnected(routed(Driver, { databases: { default: {} } }));
    expect(orm.driver.getConnection('read')).toBeInstanceOf(stock.driver.getConnection().constructor);
  });

  it('keeps the class of the entity manager, which is a token of NestJS', async () => {
    const stock = await init('mariadb', Driver, { dbName: 'app', connect: false });
    const orm = await unconnected(routed(Driver, { databases: { default: {} } }));
    expect(orm.em.constructor).toBe(stock.em.constructor);
    expect(orm.em.fork().constructor).toBe(stock.em.constructor);
  });
});
