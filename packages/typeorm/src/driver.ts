import { isSluiceError, SluiceError } from '@sluice/core';
import type { DataSource } from 'typeorm';
import type { DriverInternals, MysqlDriverInternals, PostgresDriverInternals, RunnerInternals } from './internals.js';
import { inspect, install } from './migrations.js';
import type { PooledConnection } from './pools/pool.js';
import { routedRunnerClass } from './routed-query-runner.js';
import type { Routing } from './routing.js';
import { Statement } from './statement.js';

/** Puts routing between a driver and its connections; the driver itself stays TypeORM's own. */
export function routeDriver(dataSource: DataSource, routing: Routing): void {
  const driver = dataSource.driver as unknown as DriverInternals;
  const stock = {
    connect: driver.connect.bind(driver),
    disconnect: driver.disconnect.bind(driver),
    createSchemaBuilder: driver.createSchemaBuilder.bind(driver),
  };
  const sample = driver.createQueryRunner('slave') as unknown as RunnerInternals & object;
  checkInternals(driver, sample);
  const Runner = routedRunnerClass(sample, routing);

  driver.createQueryRunner = (mode) =>
    new Runner(driver, mode) as unknown as ReturnType<DriverInternals['createQueryRunner']>;
  driver.connect = async () => {
    await routing.open(driver);
    routing.starting = true;
    // the driver's own connect() keeps one pool, and asks the server for its version over it
    driver.createPool = async () => routing.pool(routing.cluster.databases.default.name).raw;
    try {
      await stock.connect();
    } finally {
      delete (driver as Partial<DriverInternals>).createPool;
      routing.starting = false;
    }
  };
  driver.disconnect = async () => {
    if (!routing.isOpen) return stock.disconnect();
    await routing.close();
    if (routing.settings.engine === 'mysql') (driver as MysqlDriverInternals).pool = undefined;
    else Object.assign(driver, { master: undefined, slaves: [] });
    return undefined;
  };
  driver.createSchemaBuilder = () => {
    const builder = stock.createSchemaBuilder();
    const log = builder.log.bind(builder);
    builder.log = () => inspect(dataSource, routing, log);
    return builder;
  };
  driver.obtainMasterConnection = () => obtain(routing, 'write');
  driver.obtainSlaveConnection = () => obtain(routing, 'read');
  if (routing.settings.engine === 'postgres') routeAfterConnect(dataSource, driver as PostgresDriverInternals, routing);
}

/** What PostgreSQL's driver does after connecting writes only if there are extensions to install. */
function routeAfterConnect(dataSource: DataSource, driver: PostgresDriverInternals, routing: Routing): void {
  const stock = driver.afterConnect.bind(driver);
  driver.afterConnect = async () => {
    const { hasExtensions } = await driver.checkMetadataForExtensions();
    const installs = driver.options['installExtensions'] !== false;
    const extensions = driver.options['extensions'];
    const writes = installs && (hasExtensions || (Array.isArray(extensions) && extensions.length > 0));
    if (writes) {
      try {
        await install(dataSource, routing, stock);
        return;
      } catch (error) {
        // without a primary there is nothing to install on; reads may go on
        if (!isSluiceError(error, 'SLUICE_NO_DATABASE')) throw error;
      }
    }
    routing.starting = true;
    try {
      await stock();
    } finally {
      routing.starting = false;
    }
  };
}

/** A connection for code that asks the driver itself, in the form that the driver gives it. */
async function obtain(routing: Routing, intent: 'read' | 'write'): Promise<unknown> {
  const statement = routing.starting
    ? new Statement({ intent: 'read', home: 'anywhere', sql: undefined, origin: undefined })
    : new Statement({ intent, home: undefined, sql: undefined, origin: undefined });
  const connection = await routing.cluster.run(
    statement,
    (lease) =>
      new Promise<PooledConnection>((taken, refused) => routing.pool(lease.database.name).acquire({ taken, refused })),
  );
  if (routing.settings.engine === 'mysql') return connection.raw;
  let taken: PooledConnection | undefined = connection;
  const release = (error?: Error): void => {
    // a second time it would be taken from whoever has it then
    if (error === undefined) taken?.release();
    else taken?.destroy(error);
    taken = undefined;
  };
  return [connection.raw, release];
}

/** The members that routing stands on; a version of TypeORM that moved one must say so now, not under load. */
function checkInternals(driver: DriverInternals, runner: RunnerInternals & object): void {
  const members: readonly (readonly [string, boolean])[] = [
    ['driver.createPool', typeof driver.createPool === 'function'],
    ['driver.obtainMasterConnection', typeof driver.obtainMasterConnection === 'function'],
    ['driver.obtainSlaveConnection', typeof driver.obtainSlaveConnection === 'function'],
    ['driver.createSchemaBuilder', typeof driver.createSchemaBuilder === 'function'],
    ['queryRunner.mode', runner.mode === 'slave'],
    ['queryRunner.isReleased', typeof runner.isReleased === 'boolean'],
    ['queryRunner.isTransactionActive', typeof runner.isTransactionActive === 'boolean'],
    ['queryRunner.transactionDepth', typeof runner.transactionDepth === 'number'],
    ['queryRunner.broadcaster', typeof runner.broadcaster === 'object'],
    ['queryRunner.connect', typeof runner.connect === 'function'],
    ['queryRunner.stream', typeof runner.stream === 'function'],
  ];
  const missing = members.filter(([, there]) => !there).map(([name]) => name);
  if (missing.length === 0) return;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `this version of TypeORM lacks ${missing.join(', ')}, on which routing stands; use TypeORM 0.3.20 to 1.1`,
  );
}
