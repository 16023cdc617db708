import type { DatabaseOptions } from './config.js';
import type { Role } from './databases.js';
import type { Address } from './health/tcp.js';

/** A connection that an adapter reserves for checks, outside of its pool. */
export interface ProbeConnection {
  /** The rows of one statement, each an object by column. Rejects once the connection is closed. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Closes it at once, also while a statement is under way on a server that does not answer. */
  close(): void;
}

/** All that a cluster asks of an ORM's adapter. */
export interface Adapter<D extends DatabaseOptions = DatabaseOptions> {
  /** Where this database listens, for a TCP probe; undefined: it is not probed. Asked for each probe. */
  address(database: string): Address | undefined;
  /**
   * Opens a connection for checks, with the credentials and options of the database's own. Must reject once `signal`
   * is aborted, and leave nothing open then. Left out: databases are checked by a TCP connect.
   */
  reserve?(database: string, signal: AbortSignal): Promise<ProbeConnection>;
  /** Drops the idle connections to this database: its role or its server has changed. */
  discard(database: string): void;
  /**
   * This replica holds its connections open and answers nothing; its plain reads have just been given up, each by its
   * lease. Whatever else waits there may be closed, too: it only reads. Never told of a primary, which may yet answer
   * the writes that are under way there. Left out: what else waits goes on waiting.
   */
  frozen?(database: string, reason: Error): void;
  /**
   * Makes what it needs to reach one more database; contacts no server. Left out: databases are fixed.
   * @throws SluiceError `SLUICE_CONFIG`
   */
  add?(database: string, options: D, role: Role): Promise<void> | void;
  /** Closes all connections to a database that is no longer one of the cluster. */
  remove?(database: string): Promise<void>;
}
