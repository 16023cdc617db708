import type { Hints } from './context.js';
import type { Database, Databases } from './databases.js';
import type { Select } from './selection/select.js';
import type { SessionView } from './session.js';

export type Intent = 'read' | 'write';

/** An entity as its ORM names it: its class, or the name of a schema that has none. */
export type Model = Function | string;

/** What a router may know of a statement. */
export interface RouteRequest {
  readonly intent: Intent;
  /** The entity that the statement is about, if known. */
  readonly model: Model | undefined;
  /** All entities that the statement is about, joined ones too. */
  readonly models: readonly Model[];
  readonly sql: string | undefined;
  readonly inTransaction: boolean;
  /** The entity object being written, if known. */
  readonly instance: object | undefined;
  /** What `withHints` says around the statement; empty if nothing. */
  readonly hints: Hints;
  readonly session: SessionView | undefined;
}

/** An object that is about to be related to another. */
export interface ObjectRef {
  readonly model: Model;
  readonly instance: object;
  /** The cluster it was loaded from or saved to; undefined: it is new. */
  readonly cluster: string | undefined;
  /** The database it was loaded from or saved to; undefined: it is new, or of another cluster. */
  readonly database: Database | undefined;
}

/** A change of the schema that is about to run. */
export interface MigrateRequest {
  readonly operation: 'migrations' | 'synchronize' | 'drop';
  /** The entity whose table it is about; undefined: the schema as a whole. */
  readonly model: Model | undefined;
}

/**
 * Answers which database serves a read or a write. Every method is optional, pure and synchronous: it decides from
 * an immutable picture and does no I/O. The routers of a cluster are asked in order, and the first opinion wins; an
 * error thrown inside one reaches the caller.
 */
export abstract class Router {
  /**
   * Seconds for which a committed write keeps the reads of its session on the primary. Undefined: this router does
   * not pin. Read once, when the cluster is made.
   */
  declare readonly pinSeconds?: number | undefined;
  /** Whether a session that wrote keeps to the primary it wrote to, also with its reads. Default: false. */
  declare readonly staysOnPrimary?: boolean;
  /** How this router chooses one of several; used by `getReplica` too. */
  declare select?: Select;

  /** Takes a strategy that the configuration names; called when the cluster is made. Keep the one you were given. */
  adopt?(select: Select): void;
  /** Database for a plain read; undefined = no opinion, the next router is asked. */
  dbForRead?(request: RouteRequest, databases: Databases): Database | string | undefined;
  /** Database for a write, a locking read, or a transaction. */
  dbForWrite?(request: RouteRequest, databases: Databases): Database | string | undefined;
  /** May these two objects be related? undefined = no opinion. No opinion at all: yes, if both live in this cluster. */
  allowRelation?(a: ObjectRef, b: ObjectRef, databases: Databases): boolean | undefined;
  /**
   * Whether `allowRelation` may have an opinion, so that adapters remember where entities came from. Default: whether
   * there is such a method.
   */
  asksRelations?(): boolean;
  /** May schema changes (of this model) run on this database? No opinion at all: only on the default primary. */
  allowMigrate?(database: Database, request: MigrateRequest): boolean | undefined;
}
