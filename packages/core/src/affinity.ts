/** What a session remembers about one cluster. */
export interface Affinity {
  /** Monotonic milliseconds; reads stay on the primary until then. */
  pinnedUntil: number;
  /** The same of the pin that came with the work, whatever this work adds to it. */
  arrivedUntil: number;
  /** Writes that were sent and have not ended yet; the session is pinned while there is one. */
  pending: number;
  /** The primary that this session last wrote to. */
  primary: string | undefined;
  /** Whether a write of this session was committed, or may have been. */
  wrote: boolean;
  /** Whether its pin was made or renewed in this unit of work, and did not only arrive with it. */
  gained: boolean;
}

/** A cluster as a session knows it: told apart by identity, so that two clusters of one name never mix. */
export interface ClusterIdentity {
  readonly name: string;
  /** Monotonic milliseconds, by which its pins end. */
  now(): number;
}

/** Whether reads of a cluster stay on the primary now. */
export function isPinned(affinity: Affinity, cluster: ClusterIdentity): boolean {
  return affinity.pending > 0 || cluster.now() < affinity.pinnedUntil;
}
