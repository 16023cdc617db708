import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReplicaRouter, routed, useDatabase, usePrimary } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { MySqlDriver } from './support/drivers.js';
import { ENGINES, startServers } from './support/engines.js';
import type { Orm } from './support/opened.js';
import { closeAll, databasesOf, init, makeTables, times, whoRuns } from './support/opened.js';
import { Order } from './support/shop.js';

describe.each(ENGINES.filter((engine) => engine === 'mariadb'))('MikroORM’s driver of MySQL over %s', (engine) => {
  let servers: Servers;
  let orm: Orm;
  let id: number;
  beforeAll(async () => {
    servers = await startServers(engine);
    const driver = routed(MySqlDriver, { databases: databasesOf(servers), router: new ReplicaRouter() });
    orm = await init(servers, driver, { dbName: 'app' });
    await makeTables(orm);
    const em = orm.em.fork();
    const order = em.create(Order, { title: 'a', lines: [{ product: 'x' }, { product: 'y' }] } as never);
    await em.flush();
    ({ id } = order);
    await servers.caughtUp();
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  const who = async (): Promise<number> => (await orm.em.fork().findOneOrFail(Order, { id })).servedBy;

  it('writes on the primary, reads on the replicas in turn, and obeys scopes', async () => {
    const ports = await times(6, who);
    expect(new Set(ports)).toEqual(new Set([servers.replica(1).port, servers.replica(2).port]));
    expect(await usePrimary(who)).toBe(servers.primary.port);
    expect(await useDatabase('replica-2', who)).toBe(servers.replica(2).port);
    await orm.em.fork().transactional(async (inside) => {
      expect(await whoRuns(inside as never, servers)).toBe(servers.primary.port);
    });
  });

  it('reads on while a replica is dead, and closes within a second while another is frozen', async () => {
    await servers.replica(1).kill();
    expect(new Set(await times(10, who))).toEqual(new Set([servers.replica(2).port]));
    await servers.replica(2).freeze();
    const read = who().then(
      () => 'read',
      (error: { code: string }) => error.code,
    );
    const started = performance.now();
    await orm.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await read).toBe('SLUICE_CLOSED');
    servers.replica(2).thaw();
  });
});
