import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { withSession } from '../../src/scopes.js';
import type { SessionOptions } from '../../src/session.js';
import { Session } from '../../src/session.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { READ, rig } from './rig.js';

/** Clusters and sessions on one clock, as in one process. */
export function world(): {
  readonly clock: ManualClock;
  cluster(name?: string): ReturnType<typeof rig>['cluster'];
  session(options?: Omit<SessionOptions, 'clock'>): Session;
} {
  const clock = new ManualClock();
  return {
    clock,
    cluster: (name = 'default') => rig({ name, clock, router: new PinningReplicaRouter() }).cluster,
    session: (options = {}) => new Session({ ...options, clock }),
  };
}
export const reason = (session: Session, cluster: ReturnType<typeof rig>['cluster']): string =>
  withSession(session, () => cluster.explain(READ).reason);
