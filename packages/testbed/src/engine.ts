import type { Launch } from './daemon.js';
import type { Place } from './place.js';
import type { Replication } from './replication.js';
import type { Session, SessionOptions } from './session.js';

export type EngineName = 'mariadb' | 'mysql' | 'galera' | 'postgres';
export type Role = 'primary' | 'replica';

/** What a server finds when it starts. */
export type Surroundings =
  | { readonly role: 'primary'; readonly peers: Peers }
  | { readonly role: 'replica'; readonly upstream: Place };

/** The other primaries of its cluster. */
export interface Peers {
  readonly all: readonly Place[];
  readonly running: readonly Place[];
}

/** What the testbed must know about one kind of database server; everything else is the same for all. */
export interface Engine {
  readonly name: EngineName;
  readonly portsPerServer: number;
  /** Undefined: every server is a primary, and they start one after the other. */
  readonly replication: Replication | undefined;
  /** Two engines with the same key have interchangeable data folders. */
  readonly templateKey: string;
  /** The signal that asks for an orderly end. */
  readonly endSignal: NodeJS.Signals;
  /** The signal that ends it quickest without leaving anything behind in the system. */
  readonly tearDownSignal: NodeJS.Signals;

  /** Fills an empty folder with the data of a server that has not run yet: users, rights, an empty database `app`. */
  buildTemplate(folder: string): Promise<void>;
  /** Before every start: waits until the others are ready for it, puts into the data folder what it reads from there. */
  prepare(place: Place, surroundings: Surroundings): void | Promise<void>;
  launch(place: Place, surroundings: Surroundings): Omit<Launch, 'cwd' | 'log'>;
  /** Gives back to the system what a killed server could not give back itself. */
  clearAfterKill(place: Place): Promise<void>;
  connect(place: Place, options?: SessionOptions): Promise<Session>;
  /** Does a server that answers also serve? */
  isReady(session: Session): Promise<boolean>;
  /** What this server holds of what was written so far. */
  position(session: Session): Promise<string>;
  /** Does another server hold that, too? */
  hasReached(session: Session, position: string): Promise<boolean>;
}
