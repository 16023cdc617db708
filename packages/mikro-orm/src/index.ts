export type { MikroOrmDatabase, PoolOptions, RoutedOptions } from './options.js';
export { routed } from './routed.js';
export { clusterOf } from './routing.js';

// the everyday names of core, so that one import serves
export type { Database, Databases, Hints, MigrateRequest, ObjectRef, RouteRequest, Session } from '@sluice/core';
export {
  Cluster,
  fastest,
  FailoverRouter,
  getReplica,
  isSluiceError,
  leastBusy,
  MarksWrite,
  MasterSlave,
  MultipleMasterSlave,
  MultiPrimaryRouter,
  PinningReplicaRouter,
  PinningRouter,
  PrimaryReplicaRouter,
  random,
  ReplicaRouter,
  roundRobin,
  Router,
  runInSession,
  SluiceError,
  UseDatabase,
  useDatabase,
  UsePrimary,
  usePrimary,
  UseReplica,
  useReplica,
  weighted,
  withHints,
  withoutPinning,
} from '@sluice/core';
