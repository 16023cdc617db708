/** What a statement does to a database. */
export type StatementKind =
  /** Surely harmless on a replica: may be retried and sent to a replica. */
  | 'read'
  /** A read that takes locks (`FOR UPDATE`, `LOCK IN SHARE MODE`, ...): goes where writes go, changes no rows. */
  | 'locking'
  /** Everything else, and everything not understood. */
  | 'write'
  /** Only changes the state of its connection or of a transaction: `BEGIN`, `COMMIT`, `SET ...`, `USE`, ... */
  | 'session';
