import { describe, expect, it } from '@jest/globals';
import { usePrimary } from '../../src/scopes.js';
import type { Fault } from '../support/faults.js';
import { always, denied, full, lost, refused, scripted } from '../support/faults.js';
import { READ, rig, WRITE } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';

function fault(message: string, fields: object = {}): Fault {
  return { sent: false, error: Object.assign(new Error(message), fields) };
}
/** As each pool says that it has no connection left. */
const POOLS: readonly (readonly [string, 'mysql' | 'postgres', Fault])[] = [
  ['mysql2', 'mysql', fault('Queue limit reached.')],
  ['mysql2', 'mysql', fault('No connections available.')],
  ['pg-pool', 'postgres', fault('timeout exceeded when trying to connect')],
  ['knex', 'postgres', fault('Knex: Timeout acquiring a connection. The pool is probably full.')],
  [
    'the mariadb connector',
    'mysql',
    fault('retrieve connection from pool timeout', { code: 'ER_GET_CONNECTION_TIMEOUT' }),
  ],
];
const SERVERS: readonly (readonly [string, 'mysql' | 'postgres', Fault])[] = [
  ['1040', 'mysql', full()],
  ['1203', 'mysql', fault('more than max_user_connections', { errno: 1203, code: 'ER_TOO_MANY_USER_CONNECTIONS' })],
  ['1226', 'mysql', fault('exceeded max_user_connections', { errno: 1226, code: 'ER_USER_LIMIT_REACHED' })],
  ['53300', 'postgres', fault('sorry, too many clients already', { code: '53300', severity: 'FATAL' })],
];

describe('SLUICE_OVERLOADED', () => {
  it.each(POOLS)('says that the pool is used up: %s of %s', async (_pool, engine, spent) => {
    const { cluster } = rig({ engine });
    const { run } = scripted(cluster, { default: always(() => spent) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({
      code: 'SLUICE_OVERLOADED',
      cause: spent.error,
      message:
        'every connection of the pool of default is in use, and none became free for this write; ' +
        "raise the pool's size or its queue time-out, or lower the load",
    });
  });

  it.each(SERVERS)('says that the server has none to spare: %s of %s', async (_code, engine, spent) => {
    const { cluster } = rig({ engine });
    const { run } = scripted(cluster, { default: always(() => spent) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({
      code: 'SLUICE_OVERLOADED',
      cause: spent.error,
      message:
        'default has no connection to spare for this write; ' +
        "raise the server's limit of connections, make the pools smaller, or lower the load",
    });
  });

  it('knows what an ORM has wrapped', async () => {
    const { cluster } = rig();
    const wrapped = Object.assign(new Error('QueryFailedError'), { driverError: full().error });
    const { run } = scripted(cluster, { default: always(() => ({ sent: false, error: wrapped })) });
    expect(await refusal('SLUICE_OVERLOADED', () => run(WRITE))).toContain('default has no connection to spare');
  });

  it('names every database that was asked', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, {
      default: always(full),
      'replica-1': always(full),
      'replica-2': always(full),
    });
    expect(await refusal('SLUICE_OVERLOADED', () => run(READ))).toMatch(
      /^replica-[12], replica-[12], default has no connection to spare for this read;/,
    );
  });

  it('does not speak of databases that could not have served it', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { default: always(full), 'replica-1': always(refused) });
    for (let reads = 0; reads < 2; reads += 1) await run(READ);
    expect(cluster.databases.named('replica-1').health).toBe('down');
    expect(await refusal('SLUICE_OVERLOADED', () => usePrimary(() => run(READ)))).not.toContain('replica');
    expect(await refusal('SLUICE_OVERLOADED', () => run(WRITE))).not.toContain('replica');
  });

  it('is the error of a transaction that found no connection', async () => {
    const { cluster } = rig();
    const transactions = scripted(cluster, { default: always(full) });
    await refusal('SLUICE_OVERLOADED', () => transactions.begin());
  });

  it('counts against no database', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { default: always(full) });
    for (let writes = 0; writes < 10; writes += 1) await thrownBy(() => run(WRITE));
    expect(cluster.databases.default.health).toBe('up');
  });

  it('is not given where another database can serve', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { 'replica-1': always(full), 'replica-2': always(full) });
    expect(await run(READ)).toBe('default');
  });
});

describe('a pool that runs out because its database is down', () => {
  const spent = (): Fault => fault('timeout exceeded when trying to connect');

  it('does not hide that it is down, nor why', async () => {
    const { cluster } = rig({ engine: 'postgres', databases: { default: {} } });
    const { run } = scripted(cluster, { default: [refused, ...always(spent)] });
    await refusal('SLUICE_NO_DATABASE', () => run(WRITE));
    expect(await refusal('SLUICE_NO_DATABASE', () => run(WRITE))).toContain('default is down (connect ECONNREFUSED)');
  });

  it('does not hide that it is suspected', async () => {
    const { cluster } = rig({ engine: 'mysql', databases: { default: {} } });
    const { run } = scripted(cluster, { default: [lost, lost, ...always(full)] });
    await thrownBy(() => run(WRITE));
    expect(cluster.databases.default.health).toBe('suspect');
    await thrownBy(() => run(READ));
    expect(await refusal('SLUICE_NO_DATABASE', () => run(WRITE))).not.toContain('Too many connections');
  });

  it('is not taken for a mistake in the configuration', async () => {
    const { cluster } = rig({ databases: { default: {} } });
    const { run } = scripted(cluster, { default: always(denied) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ errno: 1045 });
  });
});
