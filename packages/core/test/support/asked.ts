import type { Cluster } from '../../src/cluster.js';
import { rig } from './rig.js';

/** An open cluster of one primary and two replicas, and where a read and a write of the caller would go now. */
export function asking(): { readonly cluster: Cluster; cause(): string; where(): string; writes(): string } {
  const { cluster } = rig();
  return {
    cluster,
    cause: () => cluster.explain({ intent: 'read' }).cause,
    where: () => cluster.explain({ intent: 'read' }).database.name,
    writes: () => cluster.explain({ intent: 'write' }).database.name,
  };
}
