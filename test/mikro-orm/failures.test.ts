import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RoutedOptions } from '@sluice/mikro-orm';
import {
  clusterOf,
  MultiPrimaryRouter,
  PinningReplicaRouter,
  ReplicaRouter,
  runInSession,
  SluiceError,
  useDatabase,
} from '@sluice/mikro-orm';
import type { Cluster as Servers, FaultProxy } from '@sluice/testbed';
import { faultProxy } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, connected, databasesOf, isVersion6, makeTables, portOf, times } from './support/opened.js';
import { Audit, Order } from './support/shop.js';

describe.each(ENGINES)('failures on %s', (engine) => {
  let servers: Servers;
  let proxies: FaultProxy[] = [];

  beforeAll(async () => {
    servers = await startServers(engine);
    const orm = await connected(servers, { router: new ReplicaRouter() });
    await makeTables(orm);
    const em = orm.em.fork();
    em.create(Order, { title: 'o' } as never);
    await em.flush();
    await servers.caughtUp();
  });
  afterEach(async () => {
    await closeAll();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    proxies = [];
    await Promise.all(servers.servers.filter(({ state }) => state !== 'running').map((server) => server.restart()));
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const open = (options: Partial<RoutedOptions> & { orm?: object } = {}): Promise<Orm> =>
    connected(servers, { router: new ReplicaRouter(), ...options });
  const forked = (orm: Orm): Em => orm.em.fork() as unknown as Em;
  const who = async (orm: Orm): Promise<number> => (await forked(orm).findOneOrFail(Order, { title: 'o' })).servedBy;
  const written = async (what: string): Promise<number> =>
    Number((await servers.primary.query(`select count(*) as n from audit where what = '${what}'`))[0]?.['n']);
  const slow = (): string =>
    engine === 'mariadb'
      ? 'select count(*) as n, @@port as port from information_schema.columns a, information_schema.columns b, information_schema.columns c'
      : 'select count(*) as n, inet_server_port() as port from generate_series(1, 200000000) as g';

  /** The primary behind a proxy that can fail. */
  const proxied = async (
    name = 'default',
  ): Promise<{ proxy: FaultProxy; databases: ReturnType<typeof databasesOf> }> => {
    const proxy = await faultProxy(servers.server(name).database);
    proxies.push(proxy);
    const databases = databasesOf(servers);
    return { proxy, databases: { ...databases, [name]: { ...databases[name], port: proxy.port } } };
  };

  it('answer every read while a replica is killed under load', async () => {
    const orm = await open({ orm: { pool: { min: 0, max: 8 } } });
    await times(6, () => who(orm));
    const killed = servers.replica(1).kill();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => times(25, () => who(orm).catch((error: Error) => error.message))),
    );
    await killed;
    expect(answers.flat().filter((answer) => typeof answer !== 'number')).toEqual([]);
    await servers.replica(1).restart();
    await servers.caughtUp();
    await soon(async () => expect(await times(4, () => who(orm))).toContain(portOf(servers, 'replica-1')));
  });

  it('reach the caller alone, wherever the opening of a connection is cut off', async () => {
    const { proxy, databases } = await proxied('replica-1');
    const orm = await open({ databases, probe: 'off' });
    // further than a client has to read before its first statement is answered
    for (let bytes = 1; bytes < 500; bytes += 4) {
      proxy.cutAfter(bytes);
      await useDatabase('replica-1', () => who(orm)).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    }
    await proxy.restore();
    expect(await useDatabase('replica-1', () => who(orm))).toBe(portOf(servers, 'replica-1'));
  });

  it('answer a read from elsewhere whose connection the server ends', async () => {
    const orm = await open({ databases: pick('default', 'replica-1') });
    const end =
      engine === 'mariadb'
        ? async (): Promise<void> => {
            const [row] = await servers
              .replica(1)
              .query("select id from information_schema.processlist where user = 'app' and info like '%columns a%'");
            await servers.replica(1).query(`kill ${String(row!['id'])}`);
          }
        : async (): Promise<void> => {
            const [row] = await servers
              .replica(1)
              .query(
                "select pg_terminate_backend(pid) as done from pg_stat_activity where usename = 'app' and query like '%generate_series%'",
              );
            expect(row?.['done']).toBe(true);
          };
    const sql = engine === 'mariadb' ? `${slow()} limit 1` : slow();
    const reading = orm.em
      .getConnection('read')
      .execute(sql.replace('200000000', '20000000'))
      .then(
        (rows) => (rows as unknown as { port: number }[])[0]?.port,
        (error: Error) => error,
      );
    await soon(end);
    if (engine === 'postgres') expect(Number(await reading)).toBe(servers.primary.port);
    else {
      // too slow to wait for on the primary: that it was asked is enough
      await soon(async () => {
        const [row] = await servers.primary.query(
          "select id from information_schema.processlist where user = 'app' and info like '%columns a%'",
        );
        await servers.primary.query(`kill query ${String(row!['id'])}`);
      });
      expect(await reading).toBeInstanceOf(Error);
    }
  });

  it('never repeat a write that was on its way, and pin its session', async () => {
    const { proxy, databases } = await proxied();
    const orm = await open({ router: new PinningReplicaRouter(), databases });
    await forked(orm).insert(Audit, { what: 'before' } as never);
    proxy.blackHole('down');
    await runInSession(async () => {
      const write = forked(orm).insert(Audit, { what: 'lost' } as never);
      const judged = write.catch((error: { code: string }) => error.code);
      await soon(async () => expect(await written('lost')).toBe(1));
      proxy.reset();
      expect(await judged).toBe('SLUICE_OUTCOME_UNKNOWN');
      await proxy.restore();
      expect(await who(orm)).toBe(servers.primary.port);
    });
    expect(await written('lost')).toBe(1);
  });

  it('say that the outcome is not known if the connection is lost at COMMIT, and free its place in the pool', async () => {
    const { proxy, databases } = await proxied();
    const orm = await open({ databases, orm: { pool: { min: 0, max: 1 } } });
    for (const turn of [1, 2]) {
      const em = forked(orm);
      const flush = em.transactional(async (inside) => {
        await inside.insert(Audit, { what: `commit ${turn}` } as never);
        proxy.blackHole('down');
        setTimeout(() => proxy.reset(), 100);
      });
      await expect(flush).rejects.toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN' });
      await proxy.restore();
    }
    await forked(orm).insert(Audit, { what: 'after' } as never);
    expect(await written('after')).toBe(1);
  });

  it('surface a connection that is lost inside of a transaction, and free its place in the pool', async () => {
    const { proxy, databases } = await proxied();
    const orm = await open({ databases, orm: { pool: { min: 0, max: 1 } } });
    for (const turn of [1, 2, 3]) {
      let runs = 0;
      const work = forked(orm).transactional(async (em) => {
        runs += 1;
        await em.insert(Audit, { what: `inside ${turn}` } as never);
        proxy.reset();
        await em.insert(Audit, { what: `inside ${turn}` } as never);
      });
      await expect(work).rejects.toThrow(/./);
      expect([runs, await written(`inside ${turn}`)]).toEqual([1, 0]);
    }
    await forked(orm).insert(Audit, { what: 'alive' } as never);
    expect(await written('alive')).toBe(1);
  });

  it('begin on another primary if the first cannot be reached', async () => {
    const databases = {
      ...databasesOf(servers),
      'primary-2': { ...databasesOf(servers)['default'], port: 1, role: 'primary' as const },
    };
    const orm = await open({ router: new MultiPrimaryRouter(), databases });
    for (let turn = 0; turn < 6; turn += 1) {
      const em = forked(orm);
      em.create(Audit, { what: 'begun' } as never);
      await em.flush();
      await forked(orm).insert(Audit, { what: 'begun' } as never);
    }
    expect(await written('begun')).toBe(12);
  });

  it('tell subscribers once that a transaction starts, however many primaries are tried', async () => {
    const databases = {
      'primary-1': { ...databasesOf(servers)['default'], port: 1 },
      'primary-2': { ...databasesOf(servers)['default'] },
    };
    const orm = await open({ router: new MultiPrimaryRouter(), databases });
    for (let turn = 0; turn < 4; turn += 1) {
      const em = forked(orm);
      const heard: string[] = [];
      em.getEventManager().registerSubscriber({
        beforeTransactionStart: () => void heard.push('before'),
        afterTransactionStart: () => void heard.push('after'),
      } as never);
      await em.transactional(async () => undefined);
      expect(heard).toEqual(['before', 'after']);
    }
  });

  it('let the program start with a dead replica, and with a dead primary read on', async () => {
    await servers.replica(1).kill();
    const first = await open();
    expect(await times(4, () => who(first))).toEqual(Array.from({ length: 4 }, () => portOf(servers, 'replica-2')));
    await servers.primary.kill();
    const second = await open();
    await second.connect();
    expect(await who(second)).toBe(portOf(servers, 'replica-2'));
    await expect(forked(second).insert(Audit, { what: 'no' } as never)).rejects.toMatchObject({
      code: 'SLUICE_NO_DATABASE',
    });
    const em = forked(second);
    em.create(Audit, { what: 'no' } as never);
    await expect(em.flush()).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
  });

  it('come as they are: with their code, their cause and their class', async () => {
    const orm = await open({ databases: pick('default') });
    await servers.primary.kill();
    const error = await forked(orm)
      .count(Audit)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ code: 'SLUICE_NO_DATABASE', message: expect.stringContaining('default is down') });
    expect((error as SluiceError).cause).toMatchObject({ message: expect.any(String), stack: expect.any(String) });
  });

  it('are over when the ORM connects anew', async () => {
    const orm = await open();
    await who(orm);
    await orm.reconnect();
    expect(await who(orm)).toBeGreaterThan(0);
    expect(await orm.isConnected()).toBe(true);
    await orm.close();
    expect(await orm.isConnected()).toBe(false);
    await orm.close();
  });

  it('let a transaction open on a new connection when an idle one has been reset', async () => {
    const { proxy, databases } = await proxied();
    const orm = await open({ databases });
    await forked(orm).insert(Audit, { what: 'idle' } as never);
    proxy.reset();
    await forked(orm).transactional((em) => em.insert(Audit, { what: 'anew' } as never));
    expect(await written('anew')).toBe(1);
  });

  it('are over when the primary is back', async () => {
    const orm = await open();
    await forked(orm).insert(Audit, { what: 'up' } as never);
    await servers.primary.kill();
    await expect(forked(orm).insert(Audit, { what: 'down' } as never)).rejects.toMatchObject({
      code: expect.stringMatching(/^SLUICE_/),
    });
    await servers.primary.restart();
    await soon(async () => {
      const em = forked(orm);
      em.create(Audit, { what: 'again' } as never);
      await em.flush();
    });
    expect(await written('again')).toBe(1);
  });

  it('of the application are not repeated, and count against no database', async () => {
    const orm = await open();
    const retries: unknown[] = [];
    clusterOf(orm).on('retry', (event) => retries.push(event));
    await expect(orm.em.getConnection('read').execute('select * from nowhere')).rejects.toThrow(/nowhere/);
    await expect(forked(orm).execute("insert into audit (id, what) values (1, 'a'), (1, 'a')")).rejects.toThrow(
      /duplicate/i,
    );
    expect(retries).toEqual([]);
    expect(clusterOf(orm).databases.all.map(({ health }) => health)).toEqual(['up', 'up', 'up']);
  });

  if (engine === 'postgres') {
    it('that are a caller’s time-out are not repeated, and the busy connection is not used again', async () => {
      const limit = isVersion6 ? { connection: { query_timeout: 200 } } : { query_timeout: 200 };
      const orm = await open({
        databases: pick('default', 'replica-1'),
        orm: { pool: { min: 0, max: 1 }, driverOptions: limit },
      });
      const pidOf = async (): Promise<unknown> =>
        ((await orm.em.getConnection('read').execute('select pg_backend_pid() as pid')) as { pid: number }[])[0]?.pid;
      const before = await pidOf();
      const started = performance.now();
      await expect(orm.em.getConnection('read').execute(slow())).rejects.toThrow(/timeout/);
      expect(performance.now() - started).toBeLessThan(1_000);
      expect(await pidOf()).not.toBe(before);
    });
  }

  it('close within a second, also with a frozen server and a read on its way', async () => {
    const sockets = (): number =>
      process.getActiveResourcesInfo().filter((kind) => /TCPSocket|TCPWrap/.test(kind)).length;
    const before = sockets();
    const orm = await open({ databases: pick('default', 'replica-1'), orm: { pool: { min: 0, max: 2 } } });
    await times(4, () => who(orm));
    await forked(orm).insert(Audit, { what: 'c' } as never);
    await servers.replica(1).freeze();
    const reads = Array.from({ length: 5 }, () =>
      who(orm).then(
        () => 'read',
        (error: Error) => error,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await orm.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    for (const answer of await Promise.all(reads)) expect(answer).toMatchObject({ code: 'SLUICE_CLOSED' });
    await soon(async () => expect(sockets()).toBeLessThanOrEqual(before));
    servers.replica(1).thaw();
    await expect(who(orm)).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
    await orm.connect();
    expect(await who(orm)).toBe(portOf(servers, 'replica-1'));
  });

  const pick = (...names: string[]): ReturnType<typeof databasesOf> =>
    Object.fromEntries(Object.entries(databasesOf(servers)).filter(([name]) => names.includes(name)));
});

async function soon(check: () => Promise<unknown>): Promise<void> {
  for (let left = 100; ; left -= 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
