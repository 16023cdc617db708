import type { Cluster } from '@sluice/core';
import { SluiceError } from '@sluice/core';
import {
  DataSource,
  type DataSourceOptions,
  type EntityManager,
  type Migration,
  type QueryRunner,
  type ReplicationMode,
} from 'typeorm';
import { patchReload } from './fresh.js';
import { routeDriver } from './driver.js';
import type { OptionBag, RoutableOptions } from './internals.js';
import { patchCopies } from './loaded.js';
import { pick } from './merged-options.js';
import { migrate } from './migrations.js';
import type { RoutedOptions, TypeOrmDatabase } from './options.js';
import { settingsOf } from './options.js';
import { patchQueryBuilders } from './query-builders.js';
import { patchRawQueries } from './raw-queries.js';
import { routeResultCache } from './result-cache.js';
import { RoutedEntityManager } from './routed-entity-manager.js';
import { Routing, routingOf, setRouting } from './routing.js';

/**
 * A TypeORM `DataSource` over several databases: each statement goes to the one that the routers name for it.
 * Everything else is as in TypeORM.
 */
export class RoutedDataSource extends DataSource {
  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(options: RoutableOptions, routed: RoutedOptions = {}) {
    const settings = settingsOf(options, routed);
    super(settings.typeorm);
    const routing = new Routing(settings);
    setRouting(this, routing);
    patchQueryBuilders();
    patchRawQueries();
    patchReload();
    patchCopies(this.manager);
    routeDriver(this, routing);
    routeResultCache(this);
  }

  /** The databases of this data source, with their routers and health. */
  get cluster(): Cluster<TypeOrmDatabase> {
    return this.#routing.cluster;
  }

  override async initialize(): Promise<this> {
    const routing = this.#routing;
    try {
      return await super.initialize();
    } catch (error) {
      if (!this.isInitialized && routing.isOpen) await routing.close();
      throw error;
    }
  }

  /** As in TypeORM; what says how to connect holds from the next `initialize()` on. */
  override setOptions(options: Partial<DataSourceOptions>): this {
    const routing = this.#routing;
    routing.settings = routing.settings.changed({ ...options });
    super.setOptions(pick(routing.settings.typeorm as unknown as OptionBag, Object.keys(options)));
    if (options.cache !== undefined && options.cache !== false) routeResultCache(this);
    return this;
  }

  override createEntityManager(queryRunner?: QueryRunner): EntityManager {
    return new RoutedEntityManager(this, queryRunner);
  }

  override defaultReplicationModeForReads(): ReplicationMode {
    return this.#routing.settings.defaultMode;
  }

  override async synchronize(dropBeforeSync = false): Promise<void> {
    await migrate(this, this.#routing, 'synchronize', () => super.synchronize(dropBeforeSync));
  }

  override async dropDatabase(): Promise<void> {
    await migrate(this, this.#routing, 'drop', () => super.dropDatabase());
  }

  override async runMigrations(options?: Parameters<DataSource['runMigrations']>[0]): Promise<Migration[]> {
    const ran = await migrate(this, this.#routing, 'migrations', () => super.runMigrations(options));
    const names = new Map(ran.flat().map((migration) => [migration.name, migration]));
    return [...names.values()];
  }

  override async undoLastMigration(options?: Parameters<DataSource['undoLastMigration']>[0]): Promise<void> {
    await migrate(this, this.#routing, 'migrations', () => super.undoLastMigration(options));
  }

  override async showMigrations(): Promise<boolean> {
    const pending = await migrate(this, this.#routing, 'migrations', () => super.showMigrations());
    return pending.some(Boolean);
  }

  get #routing(): Routing {
    const routing = routingOf(this);
    if (routing !== undefined) return routing;
    throw new SluiceError(
      'SLUICE_CLOSED',
      'the data source is still being made; use it when its constructor has returned',
    );
  }
}

// libraries such as typeorm-transactional know a data source by the name of its class
Object.defineProperty(RoutedDataSource, 'name', { value: 'DataSource' });
