import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import {
  PinningReplicaRouter,
  ReplicaRouter,
  Router,
  runInSession,
  useDatabase,
  usePrimary,
  useReplica,
} from '@sluice/typeorm';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import type { Options } from './support/opened.js';
import { routed } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { routesDuring } from './support/routes.js';
import { SHOP, Tag } from './support/shop.js';

let readElsewhere: number | undefined;
/** A data source that a migration uses although it has a query runner. */
let shared: DataSource;

class CreateNotes1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (id int PRIMARY KEY, body varchar(20))');
    await runner.query("INSERT INTO note VALUES (1, 'first')");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note');
  }
}

class FillNotes1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.manager.save(Tag, { label: 'from a migration' });
    const [tag] = await shared.getRepository(Tag).find();
    readElsewhere = tag?.servedBy;
  }
  async down(): Promise<void> {}
}

const MIGRATIONS = [CreateNotes1700000000001, FillNotes1700000000002];

describe.each(ENGINES)('changes of the schema on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  const logger = new Recorder();

  beforeAll(async () => {
    servers = await startServers(engine, 2);
  });
  afterAll(() => servers?.stop());
  beforeEach(async () => {
    ds = await open({ router: new ReplicaRouter() });
    shared = ds;
  });
  afterEach(async () => {
    await ds.dropDatabase();
    await ds.destroy();
    await servers.caughtUp();
  });

  const open = (options: Options = {}, typeorm: Record<string, unknown> = {}): Promise<RoutedDataSource> =>
    routed(servers, { ...options, typeorm: { logger, migrations: MIGRATIONS, ...typeorm } }).initialize();
  const tablesOn = async (name: string): Promise<string[]> => {
    const schema = engine === 'mariadb' ? "'app'" : "'public'";
    const rows = await servers
      .server(name)
      .query(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${schema}`);
    return rows.map(({ name: table }) => String(table)).toSorted();
  };
  const ddl = (): string[] => logger.queries.filter((sql) => /^(CREATE|ALTER|DROP)/.test(sql));

  const scopes: readonly (readonly [string, <T>(work: () => T) => T])[] = [
    ['no scope', (work) => work()],
    ['usePrimary', (work) => usePrimary(work)],
    ['useReplica', (work) => useReplica(work)],
    ['useDatabase of a replica', (work) => useDatabase('replica-1', work)],
  ];

  describe.each(scopes)('inside %s', (_name, scope) => {
    it('synchronize changes the primary, once, and the replicas follow', async () => {
      logger.clear();
      const taken = await routesDuring(ds, () => scope(() => ds.synchronize()));
      expect(new Set(taken)).toEqual(new Set(['default']));
      expect(ddl().filter((sql) => /CREATE TABLE .audit./.test(sql))).toHaveLength(1);
      await servers.caughtUp();
      for (const name of ['default', 'replica-1', 'replica-2']) expect(await tablesOn(name)).toContain('audit');
    });

    it('migrations run on the primary, and everything in them, a repository of the data source too', async () => {
      await ds.synchronize();
      await ds.getRepository(Tag).insert({ label: 'before' });
      const taken = await routesDuring(ds, async () => {
        const ran = await scope(() => ds.runMigrations());
        expect(ran.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
      });
      expect(new Set(taken)).toEqual(new Set(['default']));
      expect(readElsewhere).toBe(servers.primary.port);
      expect(await tablesOn('default')).toContain('note');
    });

    it('pending migrations are looked up and undone on the primary', async () => {
      await ds.synchronize();
      const taken = await routesDuring(ds, () =>
        scope(async () => {
          expect(await ds.showMigrations()).toBe(true);
          await ds.runMigrations();
          expect(await ds.showMigrations()).toBe(false);
          await ds.undoLastMigration();
          await ds.undoLastMigration();
          expect(await ds.showMigrations()).toBe(true);
        }),
      );
      expect(new Set(taken)).toEqual(new Set(['default']));
      expect(await tablesOn('default')).not.toContain('note');
    });

    it('the SQL of a sync is worked out on the primary', async () => {
      const taken = await routesDuring(ds, async () => {
        const { upQueries } = await scope(() => ds.driver.createSchemaBuilder().log());
        expect(upQueries.some(({ query }) => query.includes('CREATE TABLE'))).toBe(true);
      });
      expect(new Set(taken)).toEqual(new Set(['default']));
    });

    it('a data source that syncs and migrates as it starts does so on the primary', async () => {
      const starting = routed(servers, {
        router: new ReplicaRouter(),
        typeorm: { dropSchema: true, synchronize: true, migrationsRun: true, migrations: [CreateNotes1700000000001] },
      });
      const taken = await routesDuring(starting, () => scope(() => starting.initialize()));
      await starting.destroy();
      expect(new Set(taken)).toEqual(new Set(['default']));
      expect(await tablesOn('default')).toEqual(expect.arrayContaining(['audit', 'note']));
    });

    it('dropDatabase empties the primary', async () => {
      await ds.synchronize();
      const taken = await routesDuring(ds, () => scope(() => ds.dropDatabase()));
      expect(new Set(taken)).toEqual(new Set(['default']));
      expect(await tablesOn('default')).toEqual([]);
    });
  });

  it('leave no pin', async () => {
    const pinning = await open({ router: new PinningReplicaRouter() });
    await runInSession(async (session) => {
      await pinning.synchronize();
      await pinning.runMigrations();
      expect([session.pinned(), session.wrote()]).toEqual([false, false]);
      await pinning.getRepository(Tag).insert({ label: 'after' });
      expect(session.pinned()).toBe(true);
    });
    await pinning.destroy();
  });

  it('each migration can have a transaction of its own', async () => {
    await ds.synchronize();
    logger.clear();
    await ds.runMigrations({ transaction: 'each' });
    expect(logger.queries.filter((sql) => sql === 'START TRANSACTION')).toHaveLength(2);
    expect(logger.queries.filter((sql) => sql === 'COMMIT')).toHaveLength(2);
  });

  it('a migration that fails is not recorded, and its error arrives unchanged', async () => {
    class Broken1700000000003 implements MigrationInterface {
      async up(): Promise<void> {
        throw new RangeError('from a migration');
      }
      async down(): Promise<void> {}
    }
    const broken = await open({}, { migrations: [Broken1700000000003] });
    await expect(broken.runMigrations()).rejects.toThrow(new RangeError('from a migration'));
    expect(await broken.showMigrations()).toBe(true);
    await broken.destroy();
  });

  describe('with allowMigrate', () => {
    it('that names a replica are refused', async () => {
      class Replicas extends Router {
        override allowMigrate(): boolean {
          return true;
        }
      }
      const everywhere = await open({ router: Replicas });
      const refused = { code: 'SLUICE_MIGRATION_REFUSED', message: expect.stringContaining('replica-1') };
      await expect(everywhere.synchronize()).rejects.toMatchObject(refused);
      await expect(everywhere.runMigrations()).rejects.toMatchObject(refused);
      await everywhere.destroy();
    });

    it('that allows nothing are refused, and name the databases', async () => {
      class Nowhere extends Router {
        override allowMigrate(): boolean {
          return false;
        }
      }
      const nowhere = await open({ router: Nowhere });
      await expect(nowhere.synchronize()).rejects.toMatchObject({
        code: 'SLUICE_MIGRATION_REFUSED',
        message: expect.stringContaining('default, replica-1, replica-2'),
      });
      await nowhere.destroy();
    });

    it('that keeps an entity away make all tables but that one', async () => {
      class WithoutTags extends Router {
        override allowMigrate(_database: unknown, { model }: { readonly model: unknown }): boolean | undefined {
          return model === Tag ? false : undefined;
        }
      }
      const some = await open({ router: WithoutTags }, { entities: SHOP });
      logger.clear();
      await expect(some.synchronize()).rejects.toThrow(/tag/);
      expect(ddl().some((sql) => /CREATE TABLE .tag./.test(sql))).toBe(false);
      expect(ddl().some((sql) => /CREATE TABLE .audit./.test(sql))).toBe(true);
      await some.destroy();
    });
  });
});
