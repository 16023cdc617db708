import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions } from '@sluice/typeorm';
import { Cluster, readTransaction, RoutedDataSource, usePrimary, useReplica } from '@sluice/typeorm';
import type { NamingStrategyInterface } from 'typeorm';
import {
  BaseEntity,
  Column,
  DataSource,
  DefaultNamingStrategy,
  Entity,
  EntityManager,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { databasesOf, portOf, whoRuns } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { besides, during, onPrimaries, plainOptions, sideBySide, stock } from './support/side-by-side.js';
import { Audit, SHOP, Tag } from './support/shop.js';
import { typeormVersion } from './support/typeorm-version.js';

@Entity()
class Constructed extends BaseEntity {
  @PrimaryGeneratedColumn()
  id!: number;
  @Column()
  label!: string;
  constructed = 'by its constructor';
}

class Shouting extends DefaultNamingStrategy implements NamingStrategyInterface {
  override tableName(name: string, custom: string | undefined): string {
    return `loud_${super.tableName(name, custom as string)}`;
  }
}

describe.each(ENGINES)('a routed data source beside TypeORM’s on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    await during(stock(plainOptions(servers)), (ds) => ds.synchronize());
    await servers.caughtUp();
  });
  afterAll(() => servers?.stop());

  it('is a DataSource in every respect that TypeORM and others look at', () => {
    const ds = besides(servers, plainOptions(servers));
    expect(ds).toBeInstanceOf(DataSource);
    expect(ds.constructor.name).toBe('DataSource');
    expect(ds.manager).toBeInstanceOf(EntityManager);
    expect(ds.cluster).toBeInstanceOf(Cluster);
    expect((ds as unknown as { '@instanceof': symbol })['@instanceof']).toBe(Symbol.for('DataSource'));
    expect(ds.isInitialized).toBe(false);
    expect(ds.driver.options.type).toBe(plainOptions(servers)['type']);
  });

  it('has the options of TypeORM’s, without the passwords of other databases', () => {
    const given: Record<string, unknown> = { ...plainOptions(servers), poolSize: 4, cache: true, extra: {} };
    const { options } = besides(servers, given);
    expect(options).toEqual(stock(given).options);
    const named = new RoutedDataSource({ type: given['type'], entities: SHOP } as unknown as RoutableOptions, {
      databases: databasesOf(servers),
    });
    const { host, port, database } = servers.primary.database;
    expect(named.options).toMatchObject({ host, port, database });
    expect(named.options).not.toHaveProperty('databases');
    expect(named.options).not.toHaveProperty('replication');
  });

  it('leaves the options that it was given as they are', () => {
    const options = Object.freeze(plainOptions(servers));
    const databases = Object.freeze({
      default: Object.freeze({}),
      'replica-1': Object.freeze({ port: portOf(servers, 'replica-1') }),
    });
    const before = JSON.stringify([options, databases]);
    expect(() => new RoutedDataSource(options as unknown as RoutableOptions, { databases })).not.toThrow();
    expect(JSON.stringify([options, databases])).toBe(before);
  });

  it('is initialized, destroyed and initialized again as TypeORM’s', async () => {
    const named = (error: unknown): string => (error as Error).constructor.name;
    const story = async (ds: DataSource): Promise<unknown> => [
      await ds.destroy().catch(named),
      (await ds.initialize()) === ds,
      ds.isInitialized,
      await ds.initialize().catch(named),
      await ds.destroy(),
      ds.isInitialized,
      await ds.initialize().then(() => ds.query('SELECT 1 AS one')),
      await ds.destroy(),
      await ds.query('SELECT 1').catch((error: unknown) => error instanceof Error),
    ];
    expect(await story(besides(servers, plainOptions(servers)))).toEqual(await story(stock(plainOptions(servers))));
  });

  it('knows entities, repositories and metadata as TypeORM’s', async () => {
    const seen = await onPrimaries(servers, {}, async (ds) => [
      ds.hasMetadata(Tag),
      ds.getMetadata(Tag).tablePath,
      ds.entityMetadatas.map(({ name }) => name),
      ds.getRepository(Tag).target === Tag,
      ds
        .getRepository(Tag)
        .extend({ twice: () => 2 })
        .twice(),
      ds.driver.database,
      ds.driver.version,
      ds.driver.isReplicated,
      ds.defaultReplicationModeForReads(),
    ]);
    expect(seen.routed).toEqual(seen.stock);
  });

  describe('isolationLevel', () => {
    const level =
      engine === 'mariadb'
        ? 'SELECT @@tx_isolation AS level'
        : "SELECT current_setting('transaction_isolation') AS level";

    it('of the options holds for every transaction as in TypeORM', async () => {
      const logger = new Recorder();
      const story = async (ds: DataSource): Promise<unknown> => {
        logger.clear();
        await ds.transaction((manager) => manager.insert(Audit, { what: 'a' }));
        await ds.transaction('READ COMMITTED', (manager) => manager.insert(Audit, { what: 'a' }));
        await ds.getRepository(Audit).save({ what: 'a' });
        return [...logger.queries];
      };
      const seen = await onPrimaries(servers, { isolationLevel: 'SERIALIZABLE', logger }, story);
      expect(seen.routed).toEqual(seen.stock);
      expect(seen.routed).toContain('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    });

    it('that is not known is refused as in TypeORM', async () => {
      const story = async (ds: DataSource) =>
        ds
          .transaction('SLOPPY' as never, (manager) => manager.count(Audit))
          .catch((error: Error) => error.constructor.name);
      const seen = await onPrimaries(servers, {}, story);
      expect(seen.routed).toEqual(seen.stock);
    });

    it('of the options holds for read transactions, too: standbys know none that is serializable', async () => {
      await during(besides(servers, { ...plainOptions(servers), isolationLevel: 'SERIALIZABLE' }), async (ds) => {
        expect(await readTransaction(ds, (manager) => whoRuns(manager, servers))).toBe(servers.primary.port);
      });
    });

    it('of one transaction reaches the server', async () => {
      await during(besides(servers, plainOptions(servers)), async (ds) => {
        const [row] = await ds.transaction('SERIALIZABLE', (manager) => manager.query(level));
        if (engine === 'postgres') expect(row).toEqual({ level: 'serializable' });
        else expect(row).toEqual({ level: 'REPEATABLE-READ' });
      });
    });
  });

  it('entitySkipConstructor', async () => {
    await during(stock({ ...plainOptions(servers), entities: [Constructed] }), async (ds) => {
      await ds.synchronize();
      await ds.getRepository(Constructed).insert({ label: 'a' });
    });
    await servers.caughtUp();
    const seen = (entitySkipConstructor: boolean) =>
      sideBySide(
        servers,
        { entities: [Constructed], entitySkipConstructor },
        async (ds) => (await ds.getRepository(Constructed).findOneByOrFail({ label: 'a' })).constructed,
      );
    const built = 'by its constructor';
    expect(await seen(false)).toEqual({ stock: built, primary: built, replica: built });
    expect(await seen(true)).toEqual({ stock: undefined, primary: undefined, replica: undefined });
  });

  it('namingStrategy, entityPrefix and metadataTableName', async () => {
    const options = { namingStrategy: new Shouting(), entityPrefix: 'shop_', metadataTableName: 'shop_metadata' };
    const seen = await onPrimaries(servers, options, async (ds) => [
      ds.getMetadata(Tag).tableName,
      ds.namingStrategy === options.namingStrategy,
      ds.metadataTableName,
    ]);
    expect(seen.routed).toEqual(seen.stock);
  });

  it('relationLoadStrategy for all', async () => {
    const logger = new Recorder();
    const { Order } = await import('./support/shop.js');
    await during(stock(plainOptions(servers)), (ds) =>
      ds.getRepository(Order).save({ title: 'o', lines: [{ product: 'p' }] }),
    );
    await servers.caughtUp();
    const seen = await sideBySide(servers, { relationLoadStrategy: 'query', logger }, async (ds) => {
      logger.clear();
      await ds.getRepository(Order).find({ relations: { lines: true } });
      return [...logger.queries];
    });
    expect(seen.primary).toEqual(seen.stock);
    expect(seen.replica).toEqual(seen.stock);
    expect(seen.stock.length).toBeGreaterThan(1);
  });

  describe('setOptions', () => {
    it('changes logger and logging as in TypeORM', async () => {
      const seen = await onPrimaries(servers, {}, async (ds) => {
        const logger = new Recorder();
        ds.setOptions({ logger, logging: true });
        await ds.query('SELECT 1');
        return [[...logger.queries], ds.logger === logger, ds.options.logger === logger];
      });
      expect(seen.routed).toEqual(seen.stock);
      expect(seen.routed).toEqual([['SELECT 1'], true, true]);
    });

    it('keeps the data source routed', async () => {
      await during(besides(servers, plainOptions(servers)), async (ds) => {
        ds.setOptions({ logging: false, namingStrategy: new DefaultNamingStrategy() });
        expect(await useReplica(() => whoRuns(ds, servers))).toBe(portOf(servers, 'replica-1'));
        expect(await whoRuns(ds, servers)).toBe(servers.primary.port);
      });
    });

    it('changes how to connect, from the next initialize() on, for each database that does not say otherwise', async () => {
      const { host, port } = servers.primary.database;
      const databases = { default: { host, port }, 'replica-1': { host, port: portOf(servers, 'replica-1') } };
      const { type, entities } = plainOptions(servers);
      const wrong = {
        type,
        entities,
        username: 'nobody',
        password: 'wrong',
        database: 'nothing',
      } as unknown as RoutableOptions;
      const ds = new RoutedDataSource(wrong, { databases, probe: 'off' });
      ds.setOptions({ username: 'app', password: 'app', database: 'app' });
      expect(ds.options.database).toBe('app');
      expect(ds.driver.database).toBe('app');
      await during(ds, async () => {
        expect(await whoRuns(ds, servers)).toBe(port);
        expect(await useReplica(() => whoRuns(ds, servers))).toBe(portOf(servers, 'replica-1'));
      });
    });

    it('refuses to change the databases', () => {
      const ds = besides(servers, plainOptions(servers));
      const change = () => ds.setOptions({ replication: { master: {}, slaves: [] } } as Partial<RoutableOptions>);
      expect(change).toThrow(expect.objectContaining({ code: 'SLUICE_CONFIG' }));
    });
  });

  if (typeormVersion.startsWith('1.')) {
    it('has sql as a tag, on the primary', async () => {
      type Tagged = { sql(strings: TemplateStringsArray, ...values: unknown[]): Promise<unknown> };
      const seen = await sideBySide(
        servers,
        {},
        (ds) => (ds as unknown as Tagged).sql`SELECT ${'a'} AS a, ${'b'} AS b`,
      );
      const rows = [{ a: 'a', b: 'b' }];
      expect(seen).toEqual({ stock: rows, primary: rows, replica: rows });
    });
  }

  it('types the rows of query() as TypeORM does', async () => {
    await during(besides(servers, plainOptions(servers)), async (ds) => {
      const rows: { one: number }[] = await ds.query<{ one: number }[]>('SELECT 1 AS one');
      expect(rows[0]?.one).toBe(1);
    });
  });

  it('dropSchema and synchronize as it starts do what they do in TypeORM', async () => {
    const logger = new Recorder();
    const seen = await onPrimaries(servers, { dropSchema: true, synchronize: true, logger }, async (ds) => {
      const made = logger.queries.filter((sql) => sql.startsWith('CREATE TABLE')).length;
      logger.clear();
      await ds.getRepository(Tag).insert({ label: 'kept?' });
      return [made, await usePrimary(() => ds.getRepository(Tag).count())];
    });
    expect(seen.routed).toEqual(seen.stock);
    expect(seen.routed[0]).toBeGreaterThan(5);
  });
});
