import type { Place } from './place.js';
import type { Session } from './session.js';

/** How one kind of database server replicates from a primary. Every session is one with a replica, unless said. */
export interface Replication {
  /** Makes it follow this primary from now on. */
  readonly follow: (session: Session, place: Place, upstream: Place) => Promise<void>;
  /** Is it connected to its primary? */
  readonly isFollowing: (session: Session) => Promise<boolean>;
  /** From the return on, it receives changes but does not apply them. */
  readonly pauseReplay: (session: Session) => Promise<void>;
  readonly resumeReplay: (session: Session) => Promise<void>;
  /** With a primary, before an orderly change: it takes no write any more that its replicas might miss. */
  readonly refuseWrites: (session: Session) => Promise<void>;
  /** How far it is, once it has applied all it has received; undefined until then. */
  readonly settledPosition: (session: Session) => Promise<string | undefined>;
  /** Makes a settled replica a writable primary. */
  readonly promote: (session: Session) => Promise<void>;
}
