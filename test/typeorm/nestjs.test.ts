import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  getDataSourceToken,
  getEntityManagerToken,
  getRepositoryToken,
  InjectDataSource,
  InjectEntityManager,
  InjectRepository,
  TypeOrmModule,
} from '@nestjs/typeorm';
import type { Cluster as Servers } from '@sluice/testbed';
import { PinningReplicaRouter, RoutedDataSource, runInSession, UsePrimary, UseReplica } from '@sluice/typeorm';
import { DataSource, EntityManager, Repository } from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { databasesOf, opened, portOf, whoRuns } from './support/opened.js';
import { Audit, Customer, Line, Order, Tag } from './support/shop.js';
import { until } from './support/until.js';

@Injectable()
class TagService {
  constructor(
    @InjectRepository(Tag) readonly tags: Repository<Tag>,
    @InjectDataSource() readonly dataSource: DataSource,
    @InjectEntityManager() readonly manager: EntityManager,
  ) {}

  add(label: string): Promise<Tag> {
    return this.tags.save({ label });
  }

  async read(): Promise<number | undefined> {
    return (await this.tags.find({ take: 1 }))[0]?.servedBy;
  }

  @UsePrimary()
  async readFresh(): Promise<number | undefined> {
    return this.read();
  }

  @UseReplica()
  async readCheaply(): Promise<number | undefined> {
    return (await this.manager.find(Tag, { take: 1 }))[0]?.servedBy;
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([Tag, Order, Line, Customer, Audit])],
  providers: [TagService],
  exports: [TagService],
})
class TagModule {}

@Injectable()
class Health {
  constructor(@Inject(getDataSourceToken('second')) readonly second: DataSource) {}
}

describe.each(ENGINES)('@nestjs/typeorm on %s', (engine) => {
  let servers: Servers;
  let made: RoutedDataSource[] = [];

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    const ds = await opened(servers);
    await ds.getRepository(Tag).save({ label: 'a' });
    await servers.caughtUp();
    await ds.destroy();
  });
  afterAll(() => servers?.stop());
  beforeEach(() => {
    made = [];
  });

  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const type = engine === 'mariadb' ? ('mariadb' as const) : ('postgres' as const);
  const typeorm = (more: object = {}, before: (attempt: number) => Promise<void> = async () => undefined) =>
    TypeOrmModule.forRootAsync({
      useFactory: () => ({ type, autoLoadEntities: true, retryDelay: 1, ...more }),
      dataSourceFactory: async (options) => {
        await before(made.length);
        const databases = databasesOf(servers);
        made.push(
          new RoutedDataSource(options as never, { databases, router: new PinningReplicaRouter(), probe: 'off' }),
        );
        return made.at(-1)!;
      },
    });
  const app = (...imports: Parameters<typeof Test.createTestingModule>[0]['imports'] & object) =>
    Test.createTestingModule({ imports: [...imports, TagModule] }).setLogger(silent);
  /** Connections that `app` has on the primary, seen by the server. */
  const connections = async (): Promise<number> => {
    const sql =
      engine === 'mariadb'
        ? "SELECT count(*) AS n FROM information_schema.processlist WHERE user = 'app'"
        : "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'app'";
    const [row] = await servers.primary.query(sql);
    return Number(row?.['n']);
  };

  /** Servers see the end of a connection a moment after its client. */
  const allGone = () => until('every connection is closed', async () => (await connections()) === 0);

  describe('with dataSourceFactory in forRootAsync', () => {
    let module: TestingModule;
    let service: TagService;

    beforeEach(async () => {
      module = await app(typeorm()).compile();
      await module.init();
      service = module.get(TagService);
    });
    afterEach(() => module.close());

    it('injects the routed data source, its manager and its repositories', () => {
      expect(service.dataSource).toBe(made[0]);
      expect(module.get(DataSource)).toBe(made[0]);
      expect(module.get(getDataSourceToken())).toBe(made[0]);
      expect(service.manager).toBe(made[0]?.manager);
      expect(module.get(getEntityManagerToken())).toBe(made[0]?.manager);
      expect(service.tags).toBe(module.get(getRepositoryToken(Tag)));
      expect(service.tags.manager.constructor).toBe(made[0]?.manager.constructor);
    });

    it('loads entities by itself', () => {
      expect(made).toHaveLength(1);
      expect(made[0]?.hasMetadata(Tag)).toBe(true);
      expect(made[0]?.hasMetadata(Order)).toBe(true);
    });

    it('routes what services read and write', async () => {
      const replica = portOf(servers, 'replica-1');
      expect(await service.read()).toBe(replica);
      await runInSession(async () => {
        await service.add('b');
        expect(await service.read()).toBe(servers.primary.port);
        expect(await service.readCheaply()).toBe(replica);
      });
      expect(await service.read()).toBe(replica);
      expect(await whoRuns(service.dataSource, servers)).toBe(servers.primary.port);
    });

    it('lets service methods be decorated', async () => {
      expect(await service.readFresh()).toBe(servers.primary.port);
      expect(await service.readCheaply()).toBe(portOf(servers, 'replica-1'));
    });

    it('destroys the data source when the application closes', async () => {
      await service.add('c');
      expect(await connections()).toBeGreaterThan(0);
      await module.close();
      expect(made[0]?.isInitialized).toBe(false);
      await allGone();
    });
  });

  it('takes a data source that is initialized already', async () => {
    const ds = await opened(servers);
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRootAsync({ useFactory: () => ({}) as never, dataSourceFactory: async () => ds }),
        TagModule,
      ],
    }).compile();
    expect(module.get(TagService).dataSource).toBe(ds);
    await module.close();
    expect(ds.isInitialized).toBe(false);
  });

  it('keeps two data sources apart', async () => {
    const second = TypeOrmModule.forRootAsync({
      name: 'second',
      useFactory: () => ({ type, entities: [Tag] }),
      dataSourceFactory: async (options) => {
        made.push(
          new RoutedDataSource(options as never, {
            name: 'second',
            databases: { default: databasesOf(servers)['default']! },
          }),
        );
        return made.at(-1)!;
      },
    });
    const module = await Test.createTestingModule({
      imports: [typeorm(), second, TagModule],
      providers: [Health],
    }).compile();
    const { second: injected } = module.get(Health);
    expect(made).toContain(injected);
    expect(injected).not.toBe(module.get(DataSource));
    expect((await injected.getRepository(Tag).find({ take: 1 }))[0]?.servedBy).toBe(servers.primary.port);
    expect(await module.get(TagService).read()).toBe(portOf(servers, 'replica-1'));
    await module.close();
  });

  it('starts with a replica that is down', async () => {
    await servers.replica(1).stop();
    try {
      const module = await app(typeorm({ retryAttempts: 1 })).compile();
      expect(await module.get(TagService).read()).toBe(servers.primary.port);
      await module.close();
      expect(made).toHaveLength(1);
    } finally {
      await servers.replica(1).restart();
    }
  });

  it('tries again while no server answers, and leaves nothing of a try that failed', async () => {
    await servers.replica(1).stop();
    await servers.primary.stop();
    try {
      let tries = 0;
      const module = await app(
        typeorm({
          retryAttempts: 5,
          toRetry: () => {
            tries += 1;
            return true;
          },
        }),
      )
        .compile()
        .catch((error: unknown) => error);
      expect(module).toMatchObject({ code: 'SLUICE_NO_DATABASE' });
      expect(made).toHaveLength(5);
      expect(tries).toBeGreaterThan(0);
    } finally {
      await servers.primary.restart();
      await servers.replica(1).restart();
      await servers.caughtUp();
    }
    expect(made.map(({ isInitialized }) => isInitialized)).toEqual(Array(5).fill(false));
    await allGone();
  });

  it('starts when a server comes back between two tries', async () => {
    await servers.replica(1).stop();
    await servers.primary.stop();
    const module = await app(
      typeorm({ retryAttempts: 3 }, async (attempt) => {
        if (attempt === 1) await servers.primary.restart();
      }),
    ).compile();
    try {
      expect(await module.get(TagService).read()).toBe(servers.primary.port);
      expect(made.map(({ isInitialized }) => isInitialized)).toEqual([false, true]);
    } finally {
      await module.close();
      await servers.replica(1).restart();
      await servers.caughtUp();
    }
    await allGone();
  });
});
