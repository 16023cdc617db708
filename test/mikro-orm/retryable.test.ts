import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { clusterOf, ReplicaRouter } from '@sluice/mikro-orm';
import type { Cluster as Servers, FaultProxy } from '@sluice/testbed';
import { faultProxy } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Options, Orm } from './support/opened.js';
import { closeAll, connected, databasesOf, makeTables } from './support/opened.js';
import { Audit } from './support/shop.js';

describe.each(ENGINES)('a retryable transaction on %s', (engine) => {
  let servers: Servers;
  let proxy: FaultProxy | undefined;

  beforeAll(async () => {
    servers = await startServers(engine);
    await makeTables(await connected(servers, { router: new ReplicaRouter() }));
    await servers.caughtUp();
  });
  afterEach(async () => {
    await closeAll();
    await proxy?.stop();
    proxy = undefined;
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const open = (options: Options = {}): Promise<Orm> => connected(servers, { router: new ReplicaRouter(), ...options });
  const written = async (what: string): Promise<number> =>
    Number((await servers.primary.query(`select count(*) as n from audit where what = '${what}'`))[0]?.['n']);
  const insert = (em: Em, what: string) => em.insert(Audit, { what } as never);

  /** Ends the connection of a transaction at its server. */
  async function kill(em: Em): Promise<void> {
    const sql = engine === 'postgres' ? 'select pg_backend_pid() as id' : 'select connection_id() as id';
    const [row] = await em.execute<{ id: number }[]>(sql);
    await servers.primary.query(engine === 'postgres' ? `SELECT pg_terminate_backend(${row?.id})` : `KILL ${row?.id}`);
  }

  /** Runs a transaction, whose runs meet these faults in turn; answers how many there were. */
  async function runsOf(orm: Orm, transaction: (em: Em, run: number) => Promise<unknown>): Promise<number> {
    let runs = 0;
    await clusterOf(orm).retryable(() =>
      orm.em.fork().transactional((em) => {
        runs += 1;
        return transaction(em as unknown as Em, runs);
      }),
    );
    expect(clusterOf(orm).databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
    return runs;
  }

  it('whose connection is killed before its next statement is run again, and is there once', async () => {
    const runs = await runsOf(await open(), async (em, run) => {
      await insert(em, 'statement');
      if (run < 3) await kill(em);
      await em.execute('select 1');
    });
    expect(runs).toBe(3);
    expect(await written('statement')).toBe(1);
  });

  it('whose connection is killed before its flush is run again, and is there once', async () => {
    const runs = await runsOf(await open(), async (em, run) => {
      if (run === 1) await kill(em);
      em.create(Audit, { what: 'flushed' } as never);
    });
    expect(runs).toBe(2);
    expect(await written('flushed')).toBe(1);
  });

  it('that cannot begin is run again when its primary is back', async () => {
    proxy = await faultProxy(servers.primary.database);
    const databases = databasesOf(servers);
    const orm = await open({ databases: { ...databases, default: { ...databases['default'], port: proxy.port } } });
    await proxy.refuse();
    proxy.reset();
    let runs = 0;
    await clusterOf(orm).retryable(async () => {
      runs += 1;
      if (runs === 2) await proxy?.restore();
      await orm.em.fork().transactional((em) => insert(em as unknown as Em, 'back'));
    });
    expect(runs).toBe(2);
    expect(await written('back')).toBe(1);
  });

  it('that lost a deadlock is run again, and both are there once', async () => {
    const orm = await open();
    const ids = [];
    for (const what of ['left', 'right']) ids.push(await insert(orm.em.fork() as unknown as Em, what));
    let runs = 0;
    let holding = 0;
    let both: (() => void) | undefined;
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    const crossing = (order: readonly unknown[]) =>
      clusterOf(orm).retryable(() =>
        orm.em.fork().transactional(async (given) => {
          const em = given as unknown as Em;
          runs += 1;
          await em.execute(`update audit set what = what where id = ${String(order[0])}`);
          holding += 1;
          if (holding === 2) both?.();
          await met;
          await em.execute(`update audit set what = what where id = ${String(order[1])}`);
          await insert(em, 'crossed');
        }),
      );
    await Promise.all([crossing(ids), crossing(ids.toReversed())]);
    expect(runs).toBe(3);
    expect(await written('crossed')).toBe(2);
  });

  it('whose COMMIT was applied and its answer lost is not run again', async () => {
    const cut = await faultProxy(servers.primary.database);
    proxy = cut;
    const databases = databasesOf(servers);
    const orm = await open({ databases: { ...databases, default: { ...databases['default'], port: cut.port } } });
    let runs = 0;
    const ending = clusterOf(orm)
      .retryable(() =>
        orm.em.fork().transactional(async (em) => {
          runs += 1;
          await insert(em as unknown as Em, 'answer lost');
          cut.blackHole('down');
        }),
      )
      .catch((error: Error) => error);
    while ((await written('answer lost')) === 0) await new Promise((resolve) => setImmediate(resolve));
    cut.reset();
    expect(await ending).toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN' });
    await cut.restore();
    expect(runs).toBe(1);
    expect(await written('answer lost')).toBe(1);
  });

  it('is not run again after an error of the application', async () => {
    const orm = await open();
    let runs = 0;
    const work = clusterOf(orm).retryable(() =>
      orm.em.fork().transactional(async (em) => {
        runs += 1;
        await insert(em as unknown as Em, 'sold');
        throw new Error('out of stock');
      }),
    );
    await expect(work).rejects.toThrow('out of stock');
    expect(runs).toBe(1);
    expect(await written('sold')).toBe(0);
  });
});
