/**
 * The parts of MikroORM 6.6 and 7 that routing stands on, described in the subset that is used, so that both majors
 * fit and nothing of MikroORM is imported. They are checked once, when a driver is made (`checkInternals`).
 */

/** Options by name. */
export type OptionBag = Readonly<Record<string, unknown>>;

/** MikroORM's `Configuration`. */
export interface ConfigInternals {
  get(option: string): unknown;
  set(option: string, value: unknown): void;
  registerExtension(name: string, make: () => unknown): void;
}

interface PlatformInternals {
  readonly constructor: { readonly name: string };
}

export interface MetaInternals {
  readonly class?: (new (...args: never[]) => unknown) | undefined;
  readonly className: string;
  readonly tableName?: string;
  readonly collection?: string;
  /** Whether it is the table between two entities. */
  readonly pivotTable?: boolean;
}

export interface MetadataInternals {
  find(entity: unknown): MetaInternals | undefined;
}

/** The context of a transaction: Kysely's transaction in 7, knex's in 6. */
export interface TransactionContext {
  readonly client?: object;
  readonly savepointName?: string;
  /** knex (6): whether it has ended. */
  isCompleted?(): boolean;
  /** knex (6): how it has ended. */
  readonly executionPromise?: Promise<unknown>;
}

/** What is asked to begin a transaction. */
export interface BeginOptions {
  readonly ctx?: TransactionContext | undefined;
  readonly readOnly?: boolean;
  readonly isolationLevel?: string;
  readonly eventBroadcaster?: Broadcaster | undefined;
  readonly loggerContext?: unknown;
  /** What row level security reads (7); a call that has one gets a transaction of its own. */
  readonly sessionContext?: unknown;
}

/** MikroORM's `TransactionEventBroadcaster`. */
export interface Broadcaster {
  readonly em?: EntityManagerInternals;
  dispatchEvent(event: string, ...details: unknown[]): Promise<unknown>;
}

/** MikroORM's `Connection`, of either major. */
export interface ConnectionInternals {
  options: Record<string, unknown>;
  connected: boolean;
  connect(options?: { readonly skipOnConnect?: boolean }): Promise<void> | void;
  ensureConnection(): Promise<void>;
  close(force?: boolean): Promise<void>;
  checkConnection(): Promise<unknown>;
  isConnected(): Promise<boolean>;
  execute(query: unknown, params?: unknown, method?: string, ctx?: unknown, loggerContext?: unknown): Promise<unknown>;
  stream(
    query: unknown,
    params?: unknown,
    ctx?: unknown,
    loggerContext?: unknown,
    chunkSize?: number,
  ): AsyncGenerator<unknown>;
  begin(options?: BeginOptions): Promise<TransactionContext>;
  commit(ctx: TransactionContext, broadcaster?: Broadcaster, loggerContext?: unknown): Promise<void>;
  rollback(ctx: TransactionContext, broadcaster?: Broadcaster, loggerContext?: unknown): Promise<void>;
  getConnectionOptions(): OptionBag;
  setMetadata(metadata: unknown): void;
  setPlatform(platform: unknown): void;
  /** 7.2. */
  getNativeClient?(): Promise<object>;
  /** 7. */
  getClient?(): KyselyInternals;
  /** 7. */
  initClient?(): Promise<void>;
  /** 6. */
  getKnex?(): KnexInternals;
  /** 6. */
  getClientUrl?(): string;
  /** 7. */
  executeDump?(dump: string): Promise<void>;
  /** 6. */
  loadFile?(path: string): Promise<void>;
}

export type ConnectionClass = new (
  config: ConfigInternals,
  options?: OptionBag,
  type?: 'read' | 'write',
) => ConnectionInternals;

/** MikroORM's SQL driver, of either major; protected members are listed as public. */
export interface DriverInternals {
  config: ConfigInternals;
  connection: ConnectionInternals;
  replicas: ConnectionInternals[];
  platform: PlatformInternals;
  metadata: MetadataInternals;
  autoIncrementIncrement?: number;
  getConnection(type?: 'read' | 'write'): ConnectionInternals;
  connect(options?: object): Promise<ConnectionInternals>;
  reconnect(options?: object): Promise<ConnectionInternals>;
  close(force?: boolean): Promise<void>;
  setMetadata(metadata: MetadataInternals): void;
  createEntityManager(useContext?: boolean): EntityManagerInternals;
  convertException(error: Error): Error;
  createQueryBuilder(entity: unknown, ...more: unknown[]): BuilderInternals;
  nativeInsertMany(entity: unknown, ...more: unknown[]): Promise<unknown>;
  nativeUpdateMany(entity: unknown, ...more: unknown[]): Promise<unknown>;
  findVirtual(entity: unknown, where: unknown, options: VirtualOptions, ...more: unknown[]): Promise<unknown>;
  countVirtual(entity: unknown, where: unknown, options: VirtualOptions, ...more: unknown[]): Promise<unknown>;
  /** 7. */
  stream?(entity: unknown, ...more: unknown[]): AsyncGenerator<unknown>;
}

export interface VirtualOptions {
  readonly connectionType?: 'read' | 'write';
}

export type DriverClass = new (config: never) => unknown;

interface JoinInternals {
  readonly prop?: { readonly targetMeta?: MetaInternals };
}

/** MikroORM's `QueryBuilder`: `state.joins` in 7, `_joins` in 6. */
export interface BuilderInternals {
  readonly mainAlias?: { readonly meta?: MetaInternals; readonly metadata?: MetaInternals };
  readonly state?: { readonly joins?: Readonly<Record<string, JoinInternals>> };
  readonly _joins?: Readonly<Record<string, JoinInternals>>;
}

interface ChangeSetInternals {
  readonly meta?: MetaInternals;
  readonly name?: string;
  readonly entity: object;
}

export interface UnitOfWorkInternals {
  /** One flush, when its turn has come. */
  doCommit(): Promise<void>;
  getChangeSets(): Iterable<ChangeSetInternals>;
  getCollectionUpdates(): Iterable<{
    readonly owner: object;
    readonly property: { readonly targetMeta?: MetaInternals };
  }>;
  getExtraUpdates(): Iterable<readonly [object, ...unknown[]]>;
}

/** MikroORM's `EntityManager`, of either major. */
export interface EntityManagerInternals {
  getDriver(): DriverInternals;
  getContext(validate?: boolean): EntityManagerInternals;
  getUnitOfWork(useContext?: boolean): UnitOfWorkInternals;
  getTransactionContext(): TransactionContext | undefined;
}

/** The subset of Kysely that is used. */
export interface KyselyInternals {
  readonly constructor: unknown;
  readonly introspection: unknown;
  executeQuery(query: CompiledQuery, ...more: unknown[]): Promise<QueryResult>;
  getExecutor(): {
    readonly adapter: unknown;
    compileQuery(node: unknown, queryId: unknown): CompiledQuery;
    stream(query: CompiledQuery, chunkSize: number, ...more: unknown[]): AsyncGenerator<unknown>;
    provideConnection<T>(consume: (connection: object) => Promise<T>): Promise<T>;
  };
}

export interface CompiledQuery {
  readonly sql: string;
}

export interface QueryResult {
  readonly rows: readonly unknown[];
  readonly numAffectedRows?: bigint;
  readonly numChangedRows?: bigint;
}

/** Kysely's transaction under manual control. */
export interface KyselyTransaction extends KyselyInternals, TransactionContext {
  commit(): { execute(): Promise<void> };
  rollback(): { execute(): Promise<void> };
}

/** The subset of knex that is used. */
export interface KnexInternals {
  client: KnexClient;
  withUserParams(params: object): KnexInternals;
}

export interface KnexStatement {
  readonly sql: string;
  readonly response?: unknown;
}

export interface KnexClient {
  readonly transacting?: boolean;
  readonly pool?: object;
  /** What makes its connections; PostgreSQL's is made otherwise. */
  driver?: { createConnection?(options: unknown): Pick<NodeJS.EventEmitter, 'once'> };
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
  query(connection: object, statement: string | KnexStatement): Promise<unknown>;
  stream(connection: object, statement: KnexStatement, stream: unknown, options: unknown): Promise<unknown>;
  destroy(callback?: () => void): Promise<void>;
}
