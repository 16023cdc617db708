import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ReplicaRouter } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import type { EngineUnderTest } from './support/engines.js';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, connected, databasesOf, isVersion6, makeTables, stock, times } from './support/opened.js';
import { migrations, ran } from './support/migrations.js';
import { Audit, Order } from './support/shop.js';

/** What goes wrong with MikroORM's own replicas; each first shown on the stock driver. */
describe.each(ENGINES)('what stock MikroORM gets wrong on %s', (engine: EngineUnderTest) => {
  let servers: Servers;
  const router = new ReplicaRouter();
  beforeAll(async () => {
    servers = await startServers(engine);
    const orm = await connected(servers, { router });
    await makeTables(orm);
    const em = orm.em.fork();
    em.create(Order, { title: 'o', lines: [{ product: 'x' }, { product: 'y' }] } as never);
    await em.flush();
    await servers.caughtUp();
  });
  afterEach(async () => {
    await closeAll();
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const paused = async <T>(work: () => Promise<T>): Promise<T> => {
    await Promise.all([servers.replica(1).pauseReplay(), servers.replica(2).pauseReplay()]);
    try {
      return await work();
    } finally {
      await Promise.all([servers.replica(1).resumeReplay(), servers.replica(2).resumeReplay()]);
      await servers.caughtUp();
    }
  };
  const forked = (orm: Orm): Em => orm.em.fork() as unknown as Em;
  const openHere = async (name: string): Promise<number> => {
    const sql =
      engine === 'mariadb'
        ? "select count(*) as n from information_schema.processlist where user = 'app'"
        : "select count(*)::int as n from pg_stat_activity where usename = 'app'";
    return Number((await servers.server(name).query(sql))[0]?.['n']);
  };

  describe('a migration log that is read from a replica', () => {
    const applyTwice = async (orm: Orm): Promise<number> => {
      await migrations(orm).getPending();
      await servers.caughtUp();
      await forked(orm).nativeDelete(Audit, { what: 'migrated' });
      return paused(async () => {
        await migrations(orm).up();
        await migrations(orm).up();
        return forked(orm).count(Audit, { what: 'migrated' }, { connectionType: 'write' });
      });
    };

    if (!isVersion6) {
      it('makes the stock migrator apply a migration twice while the replicas are behind', async () => {
        const orm = await stock(servers, ran('stock_log', { name: 'app' }));
        // the stock migrator cannot even look before the log is replicated
        await migrations(orm)
          .getPending()
          .catch(() => undefined);
        await servers.caughtUp();
        expect(await applyTwice(orm)).toBe(2);
      });
    }

    it('is read from the primary by a routed one, which applies it once', async () => {
      const orm = await connected(servers, { router, orm: ran('routed_log', {}) });
      expect(await applyTwice(orm)).toBe(1);
    });
  });

  describe('a password that is a function', () => {
    const coldStart = async (orm: Orm): Promise<void> => {
      await Promise.all(Array.from({ length: 20 }, () => forked(orm).count(Audit)));
      await orm.close(true);
    };
    const password = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'app';
    };
    const gone = async (): Promise<number[]> => Promise.all(['default', 'replica-1', 'replica-2'].map(openHere));

    if (!isVersion6 && engine === 'mariadb') {
      it('makes the stock driver leak pools at a cold start', async () => {
        const orm = await stock(servers, { password, pool: { max: 2 }, replicas: [] });
        await coldStart(orm);
        expect(await openHere('default')).toBeGreaterThan(1);
        const left = await servers.primary.query("select id from information_schema.processlist where user = 'app'");
        for (const { id } of left) await servers.primary.query(`kill ${String(id)}`);
      });
    }

    it('leaves no connection of a routed one', async () => {
      const databases = Object.fromEntries(
        Object.entries(databasesOf(servers)).map(([name, each]) => [name, { ...each, password }]),
      );
      const orm = await connected(servers, { router, databases, orm: { pool: { max: 2 } } });
      await coldStart(orm);
      await expectSoon(async () => expect(await gone()).toEqual([0, 0, 0]));
    });
  });

  describe('what is read back after a write without implicit transactions', () => {
    const versionAfter = async (orm: Orm): Promise<number> =>
      paused(async () => {
        const em = forked(orm);
        const order = await em.findOneOrFail(Order, { title: 'o' }, { connectionType: 'write' });
        const before = order.version;
        order.paid += 1;
        await em.flush();
        return order.version - before;
      });

    // PostgreSQL's writes answer with what they have made
    if (engine === 'mariadb') {
      it('comes from a replica with the stock driver', async () => {
        const orm = await stock(servers, { implicitTransactions: false });
        expect(await versionAfter(orm)).not.toBe(1);
      });
    }

    it('comes from where it was written with a routed one', async () => {
      const orm = await connected(servers, { router, orm: { implicitTransactions: false } });
      expect(await versionAfter(orm)).toBe(1);
    });
  });

  describe('children of a parent', () => {
    const torn = async (orm: Orm): Promise<boolean> => {
      const turns = await times(40, async () => {
        const order = await forked(orm).findOneOrFail(
          Order,
          { title: 'o' },
          { populate: ['lines'] as never, strategy: 'select-in' as never },
        );
        return new Set([order.servedBy, ...order.lines.getItems().map((line) => line.servedBy)]).size;
      });
      return turns.some((size) => size > 1);
    };

    it('come from another replica with the stock driver', async () => {
      expect(await torn(await stock(servers))).toBe(true);
    });

    it('come from the same replica with a routed one', async () => {
      expect(await torn(await connected(servers, { router }))).toBe(false);
    });
  });

  describe('the size of one replica’s pool', () => {
    const used = async (orm: Orm): Promise<number> => {
      const sql = engine === 'mariadb' ? 'select sleep(0.2)' : 'select pg_sleep(0.2)';
      await Promise.all(Array.from({ length: 6 }, () => orm.em.getConnection('read').execute(sql)));
      return openHere('replica-1');
    };
    const only = (): object[] => {
      const { role: _role, ...replica } = databasesOf(servers)['replica-1']!;
      return [{ ...replica, pool: { min: 0, max: 1 } }];
    };

    it('is ignored by the stock driver', async () => {
      expect(await used(await stock(servers, { pool: { min: 0, max: 4 }, replicas: only() }))).toBe(4);
    });

    it('is kept by a routed one, also when it takes over the replicas of the ORM', async () => {
      const { role: _role, ...primary } = databasesOf(servers)['default']!;
      const orm = await connected(servers, {
        router,
        probe: 'off', // has a connection of its own
        databases: undefined as never,
        orm: { ...primary, pool: { min: 0, max: 4 }, replicas: only() },
      });
      expect(await used(orm)).toBe(1);
    });
  });

  describe('a primary that has become read only', () => {
    const session = engine === 'mariadb' ? 'select connection_id() as id' : 'select pg_backend_pid() as id';
    const readOnly = async (on: boolean): Promise<void> => {
      if (engine === 'mariadb') await servers.primary.query(`set global read_only = ${on ? 1 : 0}`);
      else {
        await servers.primary.query(`alter system set default_transaction_read_only = ${on ? 'on' : 'off'}`);
        await servers.primary.query('select pg_reload_conf()');
      }
    };
    const idOf = async (orm: Orm): Promise<number> =>
      Number(((await orm.em.getConnection().execute(session)) as { id: number }[])[0]?.id);
    const sameConnection = async (orm: Orm): Promise<boolean> => {
      const before = await idOf(orm);
      await readOnly(true);
      try {
        const write = (): Promise<unknown> => forked(orm).insert(Audit, { what: 'never' } as never);
        await expectSoon(async () =>
          expect(
            await write().then(
              () => 'written',
              () => 'refused',
            ),
          ).toBe('refused'),
        );
      } finally {
        await readOnly(false);
      }
      return (await idOf(orm)) === before;
    };

    it('stays in the pool of the stock driver', async () => {
      expect(await sameConnection(await stock(servers, { pool: { min: 0, max: 1 } }))).toBe(true);
    });

    it('leaves the pool of a routed one', async () => {
      expect(await sameConnection(await connected(servers, { router, orm: { pool: { min: 0, max: 1 } } }))).toBe(false);
    });
  });

  describe('a dead replica', () => {
    const failed = async (orm: Orm): Promise<number> => {
      const answers = await times(40, () =>
        forked(orm)
          .count(Order)
          .then(
            () => 0,
            () => 1,
          ),
      );
      return answers.reduce((sum: number, each) => sum + each, 0);
    };
    beforeAll(() => servers.replica(1).kill());

    it('fails reads of the stock driver', async () => {
      expect(await failed(await stock(servers))).toBeGreaterThan(5);
    });

    it('fails none of a routed one', async () => {
      expect(await failed(await connected(servers, { router }))).toBe(0);
    });
  });
});

async function expectSoon(check: () => Promise<unknown>): Promise<void> {
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
