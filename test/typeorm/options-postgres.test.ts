import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions } from '@sluice/typeorm';
import { RoutedDataSource, useDatabase, useReplica } from '@sluice/typeorm';
import type { DataSource } from 'typeorm';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { startServers } from './support/engines.js';
import { whoRuns } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { besides, during, onPrimaries, plainOptions, sideBySide, stock } from './support/side-by-side.js';
import { Tag } from './support/shop.js';
import { until } from './support/until.js';

@Entity()
class Ticket {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
  @Column()
  seat!: string;
}

@Entity({ schema: 'other' })
class Elsewhere {
  @PrimaryColumn()
  id!: number;
}

@Entity()
class Here {
  @PrimaryColumn()
  id!: number;
}

/** TypeORM's options for PostgreSQL mean the same to a routed data source, on every one of its databases. */
describe('options on postgres', () => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers('postgres', 1);
    await during(stock(plainOptions(servers)), (ds) => ds.synchronize());
    await servers.caughtUp();
  });
  afterAll(() => servers?.stop());

  const setting =
    (name: string) =>
    async (ds: DataSource): Promise<unknown> =>
      ((await ds.query(`SELECT current_setting('${name}') AS value`)) as { value: string }[])[0]?.value;

  it.each([
    ['applicationName', { applicationName: 'shop' }, setting('application_name'), 'shop'],
    ['extra.application_name', { extra: { application_name: 'extra' } }, setting('application_name'), 'extra'],
    [
      'extra.application_name over applicationName',
      { applicationName: 'shop', extra: { application_name: 'extra' } },
      setting('application_name'),
      'extra',
    ],
    ['extra.statement_timeout', { extra: { statement_timeout: 12_345 } }, setting('statement_timeout'), '12345ms'],
    ['extra.options', { extra: { options: '-c search_path=pg_catalog' } }, setting('search_path'), 'pg_catalog'],
    ['no parseInt8', {}, async (ds: DataSource) => (await ds.query('SELECT 42::int8 AS n'))[0].n, '42'],
  ] as const)('%s', async (_name, options, observe, expected) => {
    const seen = await sideBySide(servers, options, observe);
    expect(seen).toEqual({ stock: expected, primary: expected, replica: expected });
  });

  it('parseInt8', async () => {
    const count = async (ds: DataSource) => (await ds.query('SELECT 42::int8 AS n'))[0].n as unknown;
    try {
      expect(await sideBySide(servers, { parseInt8: true }, count)).toEqual({ stock: 42, primary: 42, replica: 42 });
    } finally {
      await during(stock({ ...plainOptions(servers), parseInt8: false }), async () => undefined);
    }
  });

  it('a statement that takes longer than statement_timeout fails as in TypeORM, once', async () => {
    const logger = new Recorder();
    const slow = (ds: DataSource) => ds.getRepository(Tag).createQueryBuilder('t').select('pg_sleep(20)').getRawMany();
    await during(stock(plainOptions(servers)), (ds) => ds.getRepository(Tag).insert({ label: 'one row' }));
    await servers.caughtUp();
    const seen = await sideBySide(servers, { extra: { statement_timeout: 50 }, logger }, async (ds) => {
      logger.clear();
      const code = await slow(ds).catch((error: { code: string }) => error.code);
      return [code, logger.failed.length];
    });
    expect(seen.stock).toEqual(['57014', 1]);
    expect(seen.primary).toEqual(seen.stock);
  });

  it('schema', async () => {
    await servers.primary.query('CREATE SCHEMA shop AUTHORIZATION app; CREATE SCHEMA other AUTHORIZATION app');
    const tables = async (ds: DataSource) => {
      await ds.synchronize();
      await ds.getRepository(Here).save({ id: 1 });
      await ds.getRepository(Elsewhere).save({ id: 2 });
      const found = await ds.query(
        "SELECT table_schema || '.' || table_name AS t FROM information_schema.tables WHERE table_name IN ('here', 'elsewhere')",
      );
      await ds.dropDatabase();
      return (found as { t: string }[]).map(({ t }) => t).toSorted();
    };
    const seen = await onPrimaries(servers, { schema: 'shop', entities: [Here, Elsewhere] }, tables);
    expect(seen).toEqual({ stock: ['other.elsewhere', 'shop.here'], routed: ['other.elsewhere', 'shop.here'] });
    const pathed = await sideBySide(
      servers,
      { schema: 'shop', entities: [Here] },
      async (ds) => ds.getMetadata(Here).tablePath,
    );
    expect(pathed).toEqual({ stock: 'shop.here', primary: 'shop.here', replica: 'shop.here' });
  });

  describe('url', () => {
    const address = (): string => {
      const { host, port, user, password, database } = servers.primary.database;
      return `postgres://${user}:${password}@${host}:${port}/${database}?application_name=from-the-url`;
    };
    const options = (): Record<string, unknown> => {
      const { type, entities } = plainOptions(servers);
      return { type, entities, url: address() };
    };

    it('holds for a database that says nothing', async () => {
      await during(stock(options()), async (ds) => expect(await setting('application_name')(ds)).toBe('from-the-url'));
      await during(besides(servers, options()), async (ds) => {
        expect(await whoRuns(ds, servers)).toBe(servers.primary.port);
        expect(await setting('application_name')(ds)).toBe('from-the-url');
      });
    });

    it('keeps its parameters for a database with an address of its own', async () => {
      await during(besides(servers, options()), (ds) =>
        useDatabase('replica-1', async () => {
          expect(await whoRuns(ds, servers)).toBe(servers.replica(1).port);
          expect(await setting('application_name')(ds)).toBe('from-the-url');
        }),
      );
    });
  });

  describe('password', () => {
    it.each([
      ['a function', () => 'app'],
      ['an async function', async () => 'app'],
    ])('%s, asked for each connection, for all databases and for one', async (_form, password) => {
      let asked = 0;
      const counted = () => {
        asked += 1;
        return password();
      };
      const seen = await sideBySide(servers, { password: counted }, (ds) => ds.query('SELECT 1 AS one'));
      expect(seen).toEqual({ stock: [{ one: 1 }], primary: [{ one: 1 }], replica: [{ one: 1 }] });
      asked = 0;
      const options = plainOptions(servers) as unknown as RoutableOptions;
      const { host, port } = servers.replica(1).database;
      const own = new RoutedDataSource(options, {
        databases: { default: {}, 'replica-1': { host, port, password: counted } },
      });
      await during(own, async (ds) => {
        await ds.query('SELECT 1');
        expect(asked).toBe(0);
        await useDatabase('replica-1', () => ds.query('SELECT 1'));
        expect(asked).toBe(1);
      });
    });

    it('a function beside a url', async () => {
      const { host, port, user, database } = servers.primary.database;
      const { type, entities } = plainOptions(servers);
      const url = `postgres://${user}:wrong@${host}:${port}/${database}`;
      const databases = {
        default: { password: () => 'app' },
        'replica-1': { port: servers.replica(1).port, password: async () => 'app' },
      };
      await during(
        new RoutedDataSource({ type, entities, url } as unknown as RoutableOptions, { databases }),
        async (ds) => {
          expect(await whoRuns(ds, servers)).toBe(port);
          expect(await useDatabase('replica-1', () => whoRuns(ds, servers))).toBe(servers.replica(1).port);
        },
      );
    });
  });

  describe('logNotifications', () => {
    const told = (logger: Recorder, text: string): boolean =>
      logger.said.some((line) => line.startsWith('info: ') && line.includes(text));

    it('tells notices to the logger', async () => {
      const logger = new Recorder();
      const notice = (ds: DataSource) => ds.query("DO $$ BEGIN RAISE NOTICE 'hear, hear'; END $$");
      await onPrimaries(servers, { logNotifications: true, logger }, async (ds) => {
        logger.clear();
        await notice(ds);
        expect(logger.said).toEqual(['info: hear, hear']);
      });
      logger.clear();
      await onPrimaries(servers, { logger }, notice);
      expect(told(logger, 'hear')).toBe(false);
    });

    it('tells those of a replica too, and those of every connection', async () => {
      const logger = new Recorder();
      const options = {
        ...plainOptions(servers),
        logNotifications: true,
        logger,
        extra: { options: '-c client_min_messages=debug5' },
      };
      await during(besides(servers, options), async (ds) => {
        for (const name of ['default', 'replica-1']) {
          await useDatabase(name, async () => {
            const runners = [ds.createQueryRunner('slave'), ds.createQueryRunner('slave')];
            await Promise.all(runners.map((runner) => runner.connect()));
            for (const runner of runners) {
              logger.clear();
              await runner.query('SELECT 1');
              expect(told(logger, 'Transaction')).toBe(true);
            }
            await Promise.all(runners.map((runner) => runner.release()));
          });
        }
      });
    });

    it('tells what other sessions notify', async () => {
      const logger = new Recorder();
      await during(besides(servers, { ...plainOptions(servers), logNotifications: true, logger }), async (ds) => {
        const runner = ds.createQueryRunner();
        await runner.query('LISTEN orders');
        await servers.primary.query("NOTIFY orders, 'a new one'");
        await until('the notification is told', () => told(logger, 'Received NOTIFY on channel orders: a new one.'));
        await runner.release();
      });
    });
  });

  it('poolErrorHandler hears of an idle connection that is lost', async () => {
    for (const make of [
      (options: Record<string, unknown>) => stock(options),
      (options: Record<string, unknown>) => besides(servers, options),
    ]) {
      const errors: { code?: string }[] = [];
      const poolErrorHandler = (error: { code?: string }) => errors.push(error);
      await during(make({ ...plainOptions(servers), applicationName: 'idler', poolErrorHandler }), async (ds) => {
        await ds.query('SELECT 1');
        await servers.primary.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'idler'",
        );
        await until('the handler is called', () => errors.length > 0);
        expect(errors[0]?.code).toBe('57P01');
        expect(await ds.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });
    }
  });

  describe('extensions', () => {
    afterEach(() =>
      servers.primary.query('DROP EXTENSION IF EXISTS "uuid-ossp" CASCADE; DROP EXTENSION IF EXISTS pgcrypto CASCADE'),
    );
    const installed = async (ds: DataSource): Promise<unknown> => {
      const rows = (await ds.query(
        "SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1",
      )) as { name: string }[];
      await servers.primary.query(
        'DROP EXTENSION IF EXISTS "uuid-ossp" CASCADE; DROP EXTENSION IF EXISTS pgcrypto CASCADE',
      );
      return rows.map(({ name }) => name);
    };

    it.each([
      ['that the entities need', {}, ['uuid-ossp']],
      ['that uuidExtension names', { uuidExtension: 'pgcrypto' }, ['pgcrypto']],
      ['that extensions names', { extensions: ['pgcrypto'], uuidExtension: 'pgcrypto' }, ['pgcrypto']],
      ['that nobody wants', { installExtensions: false }, []],
    ])('%s', async (_name, options, expected) => {
      const seen = await onPrimaries(servers, { entities: [Ticket], ...options }, installed);
      expect(seen).toEqual({ stock: expected, routed: expected });
    });

    it('are installed on the primary whatever scope the data source starts in', async () => {
      const ds = besides(servers, { ...plainOptions(servers), entities: [Ticket] });
      await useReplica(() => ds.initialize());
      expect(await installed(ds)).toEqual(['uuid-ossp']);
      await ds.destroy();
    });

    it('do not keep a data source from starting while its primary is down', async () => {
      const logger = new Recorder();
      const ds = besides(servers, { ...plainOptions(servers), entities: [Ticket], logger });
      await servers.primary.stop();
      try {
        await ds.initialize();
        expect(await useReplica(() => whoRuns(ds, servers))).toBe(servers.replica(1).port);
        expect(logger.said.filter((line) => line.startsWith('warn: ') && line.includes('uuid-ossp'))).toHaveLength(1);
      } finally {
        await ds.destroy();
        await servers.primary.restart();
        await servers.caughtUp();
      }
    });

    it('make generated uuids work', async () => {
      await during(
        besides(servers, { ...plainOptions(servers), entities: [Ticket], synchronize: true }),
        async (ds) => {
          const { id } = await ds.getRepository(Ticket).save({ seat: '7b' });
          expect(id).toMatch(/^[0-9a-f-]{36}$/);
          await ds.dropDatabase();
        },
      );
    });
  });
});
