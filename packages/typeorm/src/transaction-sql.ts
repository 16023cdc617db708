import type { Outcome } from '@sluice/core';

/** A transaction that was declared read only before it began. */
export interface ReadOnly {
  readonly isolation: string | undefined;
}

/** PostgreSQL's standbys know no serializable transactions, and nothing stronger than a snapshot is shared. */
export function mayRunOnReplica({ isolation }: ReadOnly): boolean {
  return isolation?.toUpperCase() !== 'SERIALIZABLE';
}

/** The statement with which TypeORM opens a transaction, as one that only reads. */
export function declared(sql: string, readOnly: ReadOnly | undefined): string {
  return readOnly !== undefined && sql === 'START TRANSACTION' ? 'START TRANSACTION READ ONLY' : sql;
}

/** How SQL that a caller wrote ends a transaction; undefined: it does not. */
export function endedByHand(sql: string): Outcome | undefined {
  const verb = /^\s*(commit|end|rollback|abort)\b(?!\s+to\b)/i.exec(sql)?.[1]?.toLowerCase();
  if (verb === undefined) return undefined;
  return verb === 'commit' || verb === 'end' ? 'committed' : 'rolled-back';
}
