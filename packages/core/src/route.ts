import type { Database } from './databases.js';

/**
 * The step that decided where a statement goes: the open transaction, the lease its ORM call already holds, the
 * innermost scope, the session, the kind of the statement (raw SQL), a router, or `default` for want of an opinion.
 */
export type Reason = 'transaction' | 'held' | 'scope' | 'session' | 'statement' | 'router' | 'default';

/** The decision about one statement. */
export interface Route {
  readonly database: Database;
  readonly reason: Reason;
  /** The first cause of the deciding step: `usePrimary`, `pin`, the router's class, … */
  readonly cause: string;
  /** The databases that failed this statement before, in order. */
  readonly considered: readonly string[];
  /** It is a read that a primary serves because no replica can. */
  readonly isFallback?: true;
}
