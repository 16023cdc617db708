import type { Readable } from 'node:stream';
import type { DataSource, DataSourceOptions, EntityMetadata, QueryRunner, ReplicationMode } from 'typeorm';

/**
 * The parts of TypeORM 0.3 and 1.x that routing stands on and that its types do not show. They are checked once,
 * when a data source is made (`checkInternals`), so that a version that moved them says so at once.
 */

/** TypeORM's options for the types that are routed. */
export type RoutableOptions = Extract<DataSourceOptions, { type: 'mysql' | 'mariadb' | 'postgres' }>;

/** Options by name, as drivers read them. */
export type OptionBag = Readonly<Record<string, unknown>>;

/** The subset of `MysqlDriver` and `PostgresDriver` that is used. */
export interface DriverInternals {
  options: OptionBag;
  database: string | undefined;
  connect(): Promise<void>;
  afterConnect(): Promise<void>;
  disconnect(): Promise<void>;
  createQueryRunner(mode: ReplicationMode): QueryRunner;
  createSchemaBuilder(): { build(): Promise<void>; log(): Promise<unknown> };
  createPool(...options: unknown[]): Promise<unknown>;
  obtainMasterConnection(): Promise<unknown>;
  obtainSlaveConnection(): Promise<unknown>;
}

/** A connection of mysql2's pool. */
export interface MysqlConnection {
  release(): void;
  destroy(): void;
  promise(implementation?: object): object;
  query(options: { readonly sql: string }, callback: (error: Error | null | undefined, rows: Row[]) => void): void;
  readonly stream: {
    destroy(error?: Error): void;
    unref(): void;
    prependListener(event: 'error' | 'close', listener: () => void): void;
  };
  /** Fails what is under way, and what waits behind it. */
  _notifyError(error: Error): void;
  /** How its pool ends it. */
  _realEnd?: (callback: () => void) => void;
  /** What is under way, with the timer of its time-out. */
  readonly _command?: { readonly queryTimeout?: NodeJS.Timeout | null } | null;
  on(event: 'error' | 'end', listener: (error?: Error) => void): void;
  removeListener(event: 'error' | 'end', listener: (error?: Error) => void): void;
}

export interface MysqlDriverInternals extends DriverInternals {
  readonly mysql: {
    createPool(options: object): {
      getConnection(callback: (error: Error | null | undefined, connection: MysqlConnection) => void): void;
      end(callback: (error?: unknown) => void): void;
      on(event: 'connection' | 'release', listener: (connection: MysqlConnection) => void): void;
      /** All connections, those that are still connecting too. */
      readonly _allConnections?: { readonly length: number; get(index: number): MysqlConnection | undefined };
    };
  };
  pool: unknown;
  createConnectionOptions(options: OptionBag, credentials: OptionBag): object;
  prepareDbConnection(connection: MysqlConnection): MysqlConnection;
}

/** A client of pg's pool. */
type Row = Readonly<Record<string, unknown>>;

/** What PostgreSQL tells all its clients when it changes. */
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

export interface PostgresClient {
  /** Set by its pool each time it is taken; works once. */
  release(error?: Error): void;
  readonly connection?: {
    readonly stream?: { destroy(error?: Error): void; unref?(): void };
    on(event: 'parameterStatus', listener: (status: ParameterStatus) => void): void;
  };
  query(sql: string, callback: (error: Error | null | undefined, result: { readonly rows: Row[] }) => void): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): void;
  removeListener(event: 'error' | 'end', listener: (error?: Error) => void): void;
}

type PostgresDone = (error?: Error | boolean) => void;
export type PostgresConnect = (error: Error | null | undefined, client: PostgresClient, done: PostgresDone) => void;

export interface PostgresPool {
  connect(callback: PostgresConnect): void;
  end(callback: (error?: unknown) => void): void;
  on(event: 'connect' | 'remove', listener: (client: PostgresClient) => void): void;
  /** All clients, those that are still connecting too. */
  readonly _clients?: readonly PostgresClient[];
  /** Takes a client out of the pool at once, and ends it. */
  _remove?(client: PostgresClient): void;
}

export interface PostgresDriverInternals extends DriverInternals {
  readonly postgres: { readonly Pool: new (options: object) => PostgresPool };
  master: unknown;
  slaves: unknown[];
  createPool(options: OptionBag, credentials: OptionBag): Promise<PostgresPool>;
  checkMetadataForExtensions(): Promise<{ readonly hasExtensions: boolean }>;
}

/** A class of query runners. */
export type RunnerClass<T> = new (driver: object, mode: ReplicationMode) => T;

/** The subset of a query builder that is read. */
export interface BuilderInternals {
  readonly dataSource?: DataSource;
  readonly connection?: DataSource;
  readonly queryRunner?: QueryRunner;
  readonly expressionMap: ExpressionMapInternals;
}

interface AliasInternals {
  readonly hasMetadata: boolean;
  readonly metadata: EntityMetadata;
}

export interface ExpressionMapInternals {
  readonly mainAlias?: AliasInternals;
  readonly aliases: readonly AliasInternals[];
  clone(): ExpressionMapInternals;
}

/** The data source of a builder, runner or manager: `dataSource` in 1.x, `connection` in 0.3. */
export function dataSourceOf(part: {
  readonly dataSource?: DataSource;
  readonly connection?: DataSource;
}): DataSource | undefined {
  return part.dataSource ?? part.connection;
}

/** The subset of `MysqlQueryRunner` and `PostgresQueryRunner` that is used; protected members are listed as public. */
export interface RunnerInternals {
  mode: ReplicationMode;
  isReleased: boolean;
  isTransactionActive: boolean;
  transactionDepth: number;
  databaseConnection: unknown;
  broadcaster: object;
  getReplicationMode(): ReplicationMode;
  connect(): Promise<unknown>;
  release(): Promise<void>;
  startTransaction(isolation?: string): Promise<void>;
  commitTransaction(): Promise<void>;
  rollbackTransaction(): Promise<void>;
  query(sql: string, parameters?: unknown, structured?: boolean): Promise<unknown>;
  stream(sql: string, parameters?: unknown, onEnd?: () => void, onError?: (error: Error) => void): Promise<Readable>;
}
