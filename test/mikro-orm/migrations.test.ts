import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Seeder, SeedManager } from '@mikro-orm/seeder';
import type { Database, MigrateRequest } from '@sluice/mikro-orm';
import {
  MultiPrimaryRouter,
  PinningReplicaRouter,
  Router,
  runInSession,
  usePrimary,
  useReplica,
} from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import { migrations, ran } from './support/migrations.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, connected, databasesOf, makeTables, routesDuring } from './support/opened.js';
import { Audit } from './support/shop.js';

class Seeds extends Seeder {
  override async run(em: unknown): Promise<void> {
    (em as Em).create(Audit, { what: 'seeded' } as never);
    await (em as Em).flush();
    await (em as Em).count(Audit);
  }
}

class Allows extends Router {
  readonly #allowed: (database: Database, request: MigrateRequest) => boolean | undefined;

  constructor(allowed: (database: Database, request: MigrateRequest) => boolean | undefined) {
    super();
    this.#allowed = allowed;
  }

  override allowMigrate(database: Database, request: MigrateRequest): boolean | undefined {
    return this.#allowed(database, request);
  }
}

describe.each(ENGINES)('changes of the schema on %s', (engine) => {
  let servers: Servers;
  /** A second primary that shares nothing with the first. */
  let other: Servers;

  beforeAll(async () => {
    servers = await startServers(engine);
    other = await startCluster({ engine, replicas: 0 });
    await makeTables(await connected(servers));
    await servers.caughtUp();
    await closeAll();
  });
  afterEach(closeAll);
  afterAll(async () => {
    await Promise.all([servers?.stop(), other?.stop()]);
  });

  const twoPrimaries = (): ReturnType<typeof databasesOf> => ({
    ...databasesOf(servers),
    'primary-2': { ...databasesOf(other)['default'], role: 'primary' },
  });
  const generator = (orm: Orm): Record<string, (...args: unknown[]) => Promise<string>> =>
    (orm as unknown as { schema: never }).schema;
  const seeder = (orm: Orm): { seed(...seeders: unknown[]): Promise<void> } =>
    (orm as unknown as { seeder: never }).seeder;
  const tablesOf = async (where: Servers): Promise<unknown[]> => {
    const schema = engine === 'mariadb' ? 'app' : 'public';
    const rows = await where.primary.query(
      `select table_name as name from information_schema.tables where table_schema = '${schema}'`,
    );
    return rows.map((row) => row['name']);
  };

  it('stay on the default primary, whatever the router and the scope say', async () => {
    const orm = await connected(servers, {
      router: new MultiPrimaryRouter(),
      databases: { ...databasesOf(servers), 'primary-2': { ...databasesOf(servers)['default'], role: 'primary' } },
      orm: {
        ...ran('log_default', {}),
        extensions: [...(ran('x', {}) as { extensions: unknown[] }).extensions, SeedManager],
      },
    });
    const taken = await routesDuring(orm, async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        await useReplica(() => migrations(orm).getPending());
        await usePrimary(() => migrations(orm).up());
        await migrations(orm).getExecuted();
        await migrations(orm).down();
        await useReplica(() => generator(orm)['getUpdateSchemaSQL']!());
        await useReplica(() => (generator(orm)['update'] ?? generator(orm)['updateSchema'])!.call(generator(orm)));
        await useReplica(() => seeder(orm).seed(Seeds));
      }
    });
    expect(taken.length).toBeGreaterThan(20);
    expect(new Set(taken)).toEqual(new Set(['default']));
  });

  it('pin no session', async () => {
    const orm = await connected(servers, { router: new PinningReplicaRouter(), orm: ran('log_pins', {}) });
    await runInSession(async (session) => {
      await migrations(orm).up();
      expect(session.pinned()).toBe(false);
      expect(session.wrote()).toBe(false);
    });
  });

  it('run on each database that allowMigrate names', async () => {
    const orm = await connected(servers, {
      router: new Allows(({ role }) => role === 'primary'),
      databases: twoPrimaries(),
      orm: ran('log_each', {}),
    });
    await (generator(orm)['update'] ?? generator(orm)['updateSchema'])!.call(generator(orm));
    expect(await tablesOf(other)).toEqual(expect.arrayContaining(['orders', 'tag', 'audit']));
    await migrations(orm).up();
    for (const where of [servers, other]) {
      expect(Number((await where.primary.query('select count(*) as n from log_each'))[0]?.['n'])).toBe(1);
      expect(
        Number((await where.primary.query("select count(*) as n from audit where what = 'migrated'"))[0]?.['n']),
      ).toBeGreaterThan(0);
    }
    expect(await migrations(orm).getPending()).toHaveLength(0);
  });

  it('leave out the tables of entities that do not belong on a database', async () => {
    const allows = new Allows(({ name }, { model }) => {
      if (model === undefined) return name === 'default';
      return model === Audit ? name === 'primary-2' : name === 'default';
    });
    const fresh = await startCluster({ engine, replicas: 0 });
    const databases = {
      default: databasesOf(other)['default']!,
      'primary-2': { ...databasesOf(fresh)['default'], role: 'primary' as const },
    };
    const orm = await connected(servers, { router: allows, databases });
    await (generator(orm)['update'] ?? generator(orm)['updateSchema'])!.call(generator(orm));
    expect(await tablesOf(fresh)).toEqual(['audit']);
    // a table that is there already is left alone
    expect(await tablesOf(other)).toContain('audit');
    await orm.close(true);
    await fresh.stop();
  });

  it('are refused if they are allowed on a replica, or nowhere', async () => {
    const onReplica = await connected(servers, {
      router: new Allows(({ role }) => role === 'replica'),
      orm: ran('log_no', {}),
    });
    expect(() => migrations(onReplica).up()).toThrow(expect.objectContaining({ code: 'SLUICE_MIGRATION_REFUSED' }));
    const nowhere = await connected(servers, { router: new Allows(() => false), orm: ran('log_no', {}) });
    expect(() => migrations(nowhere).up()).toThrow(expect.objectContaining({ code: 'SLUICE_MIGRATION_REFUSED' }));
  });
});
