export type { ReadTransactionOptions } from './read-transaction.js';
export { readTransaction } from './read-transaction.js';
export type { RoutableOptions } from './internals.js';
export type { RoutedOptions, TypeOrmDatabase } from './options.js';
export { RoutedDataSource } from './routed-data-source.js';
export type { NestAsyncOptions, NestOptions } from './routed-options.js';
export { routedOptions } from './routed-options.js';

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
