import { currentFrame, isSluiceError, SluiceError } from '@sluice/core';
import { RoutedEntityManagers } from './entity-manager.js';
import { routeExtensions } from './extensions.js';
import { facadeClass } from './facade.js';
import type {
  BuilderInternals,
  ConnectionClass,
  ConnectionInternals,
  DriverClass,
  DriverInternals,
  EntityManagerInternals,
  MetadataInternals,
  VirtualOptions,
} from './internals.js';
import type { RoutedOptions } from './options.js';
import { checkOptions, databasesOf, engineOf } from './options.js';
import { ROUTING, Routing } from './routing.js';
import type { Origin } from './statement.js';
import type { Facades } from './views.js';
import { Views } from './views.js';

/** What a routed driver has beside MikroORM's own; nothing is private, as its views inherit from it. */
interface Parts {
  readonly facades: Facades;
  readonly views: Views;
  readonly managers: RoutedEntityManagers;
  /** The driver itself, also when a view asks. */
  readonly root: DriverInternals;
}

const PARTS = Symbol('@sluice/mikro-orm/parts');

/**
 * A driver of MikroORM over several databases: each statement goes to the one that the routers name for it. Everything
 * else is as in the driver that is given, its type too. Making one opens nothing: NestJS and the command line make two.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function routed<T extends DriverClass>(Driver: T, options: RoutedOptions = {}): T {
  const engine = engineOf(Driver);
  checkOptions(options, engine);

  class RoutedDriver extends (Driver as unknown as new (given: unknown) => DriverInternals) {
    declare readonly [ROUTING]: Routing;
    declare readonly [PARTS]: Parts;

    constructor(config: unknown) {
      super(config);
      checkInternals(this);
      const Connection = this.connection.constructor as ConnectionClass;
      const prepare = (connection: ConnectionInternals): void => {
        connection.setPlatform(this.platform);
        if (this.metadata !== undefined) connection.setMetadata(this.metadata);
      };
      const databases = databasesOf(options, this.config);
      const routing = new Routing({ engine, options, databases, config: this.config, Connection, prepare });
      const Facade = facadeClass(Connection, routing);
      const facades = { read: new Facade(this.config, 'read'), write: new Facade(this.config, 'write') };
      prepare(facades.read);
      prepare(facades.write);
      const parts: Parts = {
        facades,
        views: new Views(this, facades),
        managers: new RoutedEntityManagers(routing),
        root: this,
      };
      Object.defineProperty(this, ROUTING, { value: routing });
      Object.defineProperty(this, PARTS, { value: parts });
      this.connection = facades.write;
      this.replicas = [];
      routeExtensions(this.config, routing, this);
    }

    override getConnection(kind: keyof Facades = 'write'): ConnectionInternals {
      return this[PARTS].facades[kind];
    }

    override async connect(): Promise<ConnectionInternals> {
      await this[ROUTING].connect();
      return this.connection;
    }

    override async close(force?: boolean): Promise<void> {
      await this[ROUTING].close(force);
    }

    override setMetadata(metadata: MetadataInternals): void {
      super.setMetadata(metadata);
      const prepare = (connection: ConnectionInternals): void => connection.setMetadata(metadata);
      prepare(this[PARTS].facades.read);
      this[ROUTING].prepareAll(prepare);
    }

    override createEntityManager(useContext?: boolean): EntityManagerInternals {
      const { root, managers } = this[PARTS];
      return managers.routed(super.createEntityManager.call(root, useContext));
    }

    override createQueryBuilder(entity: unknown, ...more: unknown[]): BuilderInternals {
      const { views } = this[PARTS];
      const frame = currentFrame();
      const origin: Origin = {
        meta: isEntityName(entity) ? views.metaOf(entity) : undefined,
        frame: frame.placement === undefined ? undefined : frame,
      };
      const builder = super.createQueryBuilder.call(views.of(origin), entity, ...more);
      origin.builder = builder;
      return builder;
    }

    override convertException(error: Error): Error {
      return isSluiceError(error) ? error : super.convertException(error);
    }

    // ---- the calls that send statements without a builder
    override nativeInsertMany(entity: unknown, ...more: unknown[]): Promise<unknown> {
      return super.nativeInsertMany.call(this[PARTS].views.of(this.about(entity)), entity, ...more);
    }

    override nativeUpdateMany(entity: unknown, ...more: unknown[]): Promise<unknown> {
      return super.nativeUpdateMany.call(this[PARTS].views.of(this.about(entity)), entity, ...more);
    }

    override findVirtual(entity: unknown, where: unknown, found: VirtualOptions, ...more: unknown[]): Promise<unknown> {
      const view = this[PARTS].views.of(this.about(entity, this.kindOf(found)));
      return super.findVirtual.call(view, entity, where, found, ...more);
    }

    override countVirtual(
      entity: unknown,
      where: unknown,
      found: VirtualOptions,
      ...more: unknown[]
    ): Promise<unknown> {
      const view = this[PARTS].views.of(this.about(entity, this.kindOf(found)));
      return super.countVirtual.call(view, entity, where, found, ...more);
    }

    override stream(entity: unknown, ...more: unknown[]): AsyncGenerator<unknown> {
      const view = this[PARTS].views.of(this.about(entity, 'read'));
      const rows = super.stream?.call(view, entity, ...more);
      if (rows === undefined) throw new Error('this version of MikroORM does not stream');
      return rows;
    }

    about(entity: unknown, kind?: Origin['kind']): Origin {
      return { meta: this[PARTS].views.metaOf(entity), kind };
    }

    /** MikroORM computes this for virtual entities, and then asks the primary all the same. */
    kindOf({ connectionType }: VirtualOptions): 'read' | 'write' {
      return connectionType ?? (this.config.get('preferReadReplicas') === false ? 'write' : 'read');
    }
  }
  return RoutedDriver as unknown as T;
}

/** A builder may also be about a subquery. */
function isEntityName(entity: unknown): boolean {
  return (
    typeof entity === 'function' ||
    typeof entity === 'string' ||
    (typeof entity === 'object' && entity !== null && 'meta' in entity)
  );
}

/** The members that routing stands on; a version of MikroORM that moved one must say so now, not under load. */
function checkInternals(driver: DriverInternals): void {
  const connection = driver.connection as unknown as Record<string, unknown>;
  const methods = [
    'execute',
    'begin',
    'commit',
    'rollback',
    'connect',
    'ensureConnection',
    'close',
    'getConnectionOptions',
  ];
  const missing = methods
    .filter((method) => typeof connection?.[method] !== 'function')
    .map((method) => `connection.${method}`);
  const { nativeInsertMany, createQueryBuilder, createEntityManager, findVirtual, countVirtual } = driver;
  const calls = { nativeInsertMany, createQueryBuilder, createEntityManager, findVirtual, countVirtual };
  for (const [name, call] of Object.entries(calls)) if (typeof call !== 'function') missing.push(`driver.${name}`);
  if (typeof driver.config?.registerExtension !== 'function') missing.push('config.registerExtension');
  if (missing.length === 0) return;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `this version of MikroORM lacks ${missing.join(', ')}, on which routing stands; use MikroORM 6.6 or 7`,
  );
}
