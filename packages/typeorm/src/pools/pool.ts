/** A connection of a pool, the same object as long as it lives; what is inside is the driver's own. */
export interface PooledConnection {
  readonly raw: unknown;
  /**
   * Whether somebody has it; kept by its pool. Not a set of those in use: one that is added to and deleted from with
   * each statement is copied again and again, and its copies outlive the young generation.
   */
  inUse: boolean;
  /** Why it can carry nothing any more; undefined: it can. */
  readonly lost: Error | undefined;
  /** Hears when the connection is lost; answers the end of hearing. */
  onLost(listener: (error?: Error) => void): () => void;
  /** Gives it back; a connection that was lost is closed instead. Once for each time it was taken. */
  release(): void;
  /** Closes it, and fails what is under way on it. Never reused. */
  destroy(reason: Error): void;
}

/** Who asks for a connection; is answered once, and perhaps at once. */
export interface Borrower {
  taken(connection: PooledConnection): void;
  refused(error: Error): void;
}

/** The driver's own pool of one database, as little of it as is needed. */
export interface DriverPool {
  readonly raw: unknown;
  connect(borrower: Borrower): void;
  /** Called each time a connection is no longer in use. */
  onFreed: () => void;
  /** Sockets that no one uses now. */
  dropIdle(): void;
  /** Closes the pool: politely where a connection is idle. */
  end(): void;
  /** Closes every socket that is left, failing what is under way; without a reason, nobody is told. */
  destroy(reason?: Error): void;
  /** Connections that are in use. */
  readonly inUse: number;
}
