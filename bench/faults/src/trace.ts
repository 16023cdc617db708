import type { ClusterEvents } from '@sluice/core';

/** One call of an ORM. */
export interface Call {
  /** `own read`: of the row that the same request has just written. */
  readonly kind: 'read' | 'write' | 'own read';
  /** When it was to be sent by the schedule; an own read: when its write was acknowledged. */
  readonly dueMs: number;
  readonly endMs: number;
  /** `unanswered`: there was no end until we no longer waited. `stale`: an own read that missed its row. */
  readonly outcome: 'answered' | 'stale' | 'failed' | 'unanswered';
  /** The port of the server that answered, as that server says. */
  readonly servedBy?: number;
  readonly error?: string;
  /** What a write wrote; no two writes have the same. */
  readonly token?: string;
}

/** What a cluster of Sluice told. */
export interface Told {
  readonly event: 'health' | 'retry' | 'primary';
  readonly atMs: number;
  readonly database: string;
  readonly health?: ClusterEvents['health']['health'];
}

/** All that the process of a contender saw. */
export interface Trace {
  /** Calls that were sent, each of which is in `calls`. */
  readonly sent: number;
  readonly calls: readonly Call[];
  /** Statements that were given a database; undefined: the contender does not tell. */
  readonly attempts: number | undefined;
  readonly told: readonly Told[];
  /** Unhandled rejections and uncaught exceptions: how often each. */
  readonly unhandled: Readonly<Record<string, number>>;
}
