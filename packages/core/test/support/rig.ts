import { Cluster } from '../../src/cluster.js';
import type { ClusterOptions } from '../../src/config.js';
import type { Address } from '../../src/health/tcp.js';
import type { Lease } from '../../src/lease.js';
import type { StatementInfo } from '../../src/request.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

export const READ: StatementInfo = { intent: 'read' };
export const WRITE: StatementInfo = { intent: 'write' };

export interface RigOptions extends Partial<ClusterOptions> {
  /** Where the databases listen. Default: nowhere, so none is probed. */
  readonly addresses?: Readonly<Record<string, Address>>;
}

export interface Rig {
  readonly cluster: Cluster;
  readonly clock: ManualClock;
  /** The databases whose idle connections were dropped, in order. */
  readonly discarded: string[];
}

/** An open cluster of one primary and two replicas, read in turn, on a clock that stands still. */
export function rig({ addresses = {}, ...options }: RigOptions = {}): Rig {
  const clock = new ManualClock();
  const discarded: string[] = [];
  const cluster = new Cluster(
    {
      engine: 'mysql',
      databases: { default: {}, 'replica-1': {}, 'replica-2': {} },
      ...(options.routers === undefined && { router: 'ReplicaRouter' }),
      probe: 'off',
      slowStartMs: 0,
      clock,
      ...options,
    },
    {
      address: (database) => addresses[database],
      discard: (database) => {
        discarded.push(database);
      },
    },
  );
  cluster.open();
  return { cluster, clock, discarded };
}

/** Runs a read; answers the database that served it. */
export function read(cluster: Cluster, info: Partial<StatementInfo> = {}): Promise<string> {
  return cluster.run({ ...READ, ...info }, (lease) => {
    lease.sending();
    return Promise.resolve(lease.database.name);
  });
}

/** Runs a write that changes this many rows; answers the database that served it. */
export function write(cluster: Cluster, info: Partial<StatementInfo> = {}, rows = 1): Promise<string> {
  return cluster.run({ ...WRITE, ...info }, (lease) => {
    lease.writing();
    lease.changed(rows);
    return Promise.resolve(lease.database.name);
  });
}

/** Opens a transaction; the caller ends its lease. */
export async function begin(cluster: Cluster, info: Partial<StatementInfo> = {}): Promise<Lease> {
  const { lease } = await cluster.begin({ ...WRITE, ...info }, (opened) => {
    opened.sending();
    return Promise.resolve();
  });
  return lease;
}

/** The database of each of so many reads. */
export async function reads(cluster: Cluster, count: number, info: Partial<StatementInfo> = {}): Promise<string[]> {
  const served: string[] = [];
  for (let index = 0; index < count; index += 1) served.push(await read(cluster, info));
  return served;
}
