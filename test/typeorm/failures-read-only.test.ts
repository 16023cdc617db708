import { afterEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers, Server } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { MultiPrimaryRouter, ReplicaRouter } from '@sluice/typeorm';
import { QueryFailedError } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { eventsDuring } from './support/events.js';
import { onServers } from './support/scene.js';
import { besides } from './support/second-primary.js';
import { sessionsOf } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { slowRead } from './support/sql.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: a write rejected as read only was not executed, so it may be sent to another primary. */
describe.each(ENGINES)('a primary that is read only on %s', (engine) => {
  const scene = onServers(engine, { probe: 'tcp', replicas: 0 });
  const second = besides(scene);
  const readOnly = engine === 'postgres' ? { code: '25006' } : { errno: 1290 };

  async function setReadOnly(server: Server, on: boolean): Promise<void> {
    if (engine === 'mariadb') return void (await server.query(`SET GLOBAL read_only = ${on ? 1 : 0}`));
    await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
    await server.query('SELECT pg_reload_conf()');
    const wanted = on ? 'on' : 'off';
    await until('the setting holds', async () => {
      const [row] = await server.query('SHOW default_transaction_read_only');
      return row?.['default_transaction_read_only'] === wanted;
    });
  }

  afterEach(() => setReadOnly(scene.servers.primary, false));

  const insert = (source: RoutedDataSource, label: string) => source.getRepository(Tag).insert({ label });
  const tags = async (servers: Servers, label: string): Promise<number> => {
    const [row] = await servers.primary.query(`SELECT COUNT(*) AS n FROM tag WHERE label = '${label}'`);
    return Number(row?.['n']);
  };
  /** Opens several connections to the default primary, and lets them rest. */
  const warm = (source: RoutedDataSource) => Promise.all([1, 2, 3, 4].map(() => source.query(slowRead(engine, 0.05))));
  const connections = async (): Promise<number> => (await sessionsOf(scene, scene.servers.primary)).length;
  /** Sends what it can to `default`. */
  const defaultFirst = () =>
    new MultiPrimaryRouter({
      select: (candidates) => candidates.find(({ name }) => name === 'default') ?? candidates[0],
    });

  it('lets the other primary take the write, once, and loses its connections', async () => {
    const source = await scene.open({ databases: second.databases, router: defaultFirst() });
    await warm(source);
    expect(await connections()).toBe(4);
    await setReadOnly(scene.servers.primary, true);
    const told = await eventsDuring(source, () => insert(source, 'moved on'));
    expect(told).toEqual([
      'route default',
      'primary default',
      'pool default',
      'retry default read-only',
      'route primary-2',
    ]);
    expect(await tags(scene.servers, 'moved on')).toBe(0);
    expect(await tags(second.servers, 'moved on')).toBe(1);
    await until('its connections are gone', async () => (await connections()) === 0);
  });

  it('gives the caller its own error if it is the only one, and serves writes once it may', async () => {
    const source = await scene.open({ router: new ReplicaRouter() });
    await warm(source);
    await setReadOnly(scene.servers.primary, true);
    const told = await eventsDuring(source, () => expect(insert(source, 'refused')).rejects.toMatchObject(readOnly));
    expect(told).toEqual(['route default', 'primary default', 'pool default']);
    await until('its connections are gone', async () => (await connections()) === 0);
    await expect(insert(source, 'refused')).rejects.toBeInstanceOf(QueryFailedError);
    await setReadOnly(scene.servers.primary, false);
    await insert(source, 'taken');
    expect(await tags(scene.servers, 'refused')).toBe(0);
    expect(await tags(scene.servers, 'taken')).toBe(1);
  });

  it('ends a transaction with its own error, and loses its connections', async () => {
    const source = await scene.open({ databases: second.databases, router: defaultFirst() });
    await warm(source);
    await setReadOnly(scene.servers.primary, true);
    const told = await eventsDuring(source, () =>
      expect(source.getRepository(Tag).save({ label: 'refused whole' })).rejects.toMatchObject(readOnly),
    );
    expect(told).toContain('pool default');
    expect(told.filter((line) => line.startsWith('route'))).not.toContain('route primary-2');
    await until('its connections are gone', async () => (await connections()) === 0);
    expect((await tags(scene.servers, 'refused whole')) + (await tags(second.servers, 'refused whole'))).toBe(0);
  });
});
