import { Injectable } from '@nestjs/common';
import { type Databases, numberOption, refuseUnknown, type Role, show, SluiceError } from '@sluice/core';

/** What has to answer for a cluster to be healthy. */
export interface HealthDemands {
  /** Whether a primary has to; false for a service that only reads. Default: true. */
  readonly primary?: boolean;
  /** How many replicas have to. Default: 0, as the primary serves reads when they are down. */
  readonly replicas?: number;
}

/** One database in the details. */
export interface DatabaseHealth {
  readonly role: Role;
  readonly health: string;
}

/** What Terminus takes of a health indicator. */
export type ClusterHealth<Key extends string = string> = Record<
  Key,
  {
    readonly status: 'up' | 'down';
    /** Why it is down. */
    readonly message?: string;
    /** Each database by its name. */
    readonly databases: Readonly<Record<string, DatabaseHealth>>;
  }
>;

/** Tells Terminus, or whoever asks, how a cluster is. It looks at what Sluice has seen, and sends nothing itself. */
@Injectable()
export class SluiceHealthIndicator {
  /**
   * Up while a primary answers, and with it at least one database that can be read.
   * @throws SluiceError `SLUICE_CONFIG`
   */
  isHealthy<Key extends string>(
    key: Key,
    cluster: { readonly databases: Pick<Databases, 'all'> },
    demands: HealthDemands = {},
  ): ClusterHealth<Key> {
    const { all } = databasesOf(cluster);
    const missing = missingOf(all, checked(demands));
    const databases = Object.fromEntries(all.map(({ name, role, health }) => [name, { role, health }]));
    const status = missing === undefined ? { status: 'up' as const } : { status: 'down' as const, message: missing };
    return { [key]: { ...status, databases } } as ClusterHealth<Key>;
  }
}

function databasesOf(cluster: { readonly databases?: Pick<Databases, 'all'> } | undefined): Pick<Databases, 'all'> {
  if (Array.isArray(cluster?.databases?.all)) return cluster.databases;
  throw new SluiceError('SLUICE_CONFIG', `isHealthy got ${show(cluster)}; give a cluster, such as dataSource.cluster`);
}

function checked({ primary = true, ...demands }: HealthDemands): Required<HealthDemands> {
  refuseUnknown('isHealthy', demands, ['primary', 'replicas']);
  if (typeof primary !== 'boolean') {
    throw new SluiceError('SLUICE_CONFIG', `primary of isHealthy is ${show(primary)}; give true or false`);
  }
  return { primary, replicas: numberOption('replicas of isHealthy', demands.replicas, { min: 0, fallback: 0 }) };
}

/** What does not answer that should, if anything. */
function missingOf(all: Databases['all'], { primary, replicas }: Required<HealthDemands>): string | undefined {
  const answering = all.filter(({ health }) => health !== 'down');
  const ofReplicas = answering.filter(({ role }) => role === 'replica').length;
  if (answering.length === 0) return 'no database answers';
  if (primary && ofReplicas === answering.length) return 'no primary answers';
  if (ofReplicas < replicas) return `${ofReplicas} replicas answer, and ${replicas} have to`;
  return undefined;
}
