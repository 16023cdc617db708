export type { Adapter, ProbeConnection } from './adapter.js';
export type { Clock } from './clock.js';
export { systemClock } from './clock.js';
export type { Attempt } from './attempts.js';
export { Cluster, getReplica } from './cluster.js';
export type { ClusterOptions, DatabaseOptions, RoutingOptions } from './config.js';
export type { RouterOption, ShippedRouter } from './config-routers.js';
export { DATABASE_OPTIONS, refuseUnknownRouting, roleByName } from './config.js';
export type { Frame, Hints, Placement } from './context.js';
export { bound, currentFrame, placementFor, runInFrame } from './context.js';
export type { Database, Databases, Health, Role } from './databases.js';
export type { ScopeDecorator } from './decorators.js';
export { MarksWrite, UseDatabase, UsePrimary, UseReplica } from './decorators.js';
export type { Engine } from './engine.js';
export type { SluiceErrorCode } from './errors.js';
export { isSluiceError, SluiceError } from './errors.js';
export type { ClusterEvent, ClusterEvents, Listener } from './events.js';
export type { Failure } from './failure.js';
export { failureOf, isUnanswered, neverSent } from './failure.js';
export { commitFailed } from './commit.js';
export type { Address } from './health/tcp.js';
export type { Carrier, Held, Lease } from './lease.js';
export type { RetryableOptions } from './retryable.js';
export type { Outcome } from './outcome.js';
export type { Load } from './load.js';
export { numberOption, oneOf, refuseUnknown, show } from './options.js';
export type { PinStore } from './pin-store.js';
export type { StatementInfo } from './request.js';
export type { Reason, Route } from './route.js';
export type { Intent, MigrateRequest, Model, ObjectRef, RouteRequest } from './router.js';
export { Router } from './router.js';
export type { FailoverOptions } from './routers/failover.js';
export { FailoverRouter } from './routers/failover.js';
export { MultiPrimaryRouter, MultiPrimaryRouter as MultipleMasterSlave } from './routers/multi-primary.js';
export type { PinningOptions } from './routers/pinning.js';
export { PinningReplicaRouter, PinningRouter } from './routers/pinning.js';
export { PrimaryReplicaRouter, PrimaryReplicaRouter as MasterSlave } from './routers/primary-replica.js';
export { ReplicaRouter } from './routers/replica.js';
export type { RouterOptions } from './routers/selecting-router.js';
export type { ScopeOptions } from './scopes.js';
export {
  currentSession,
  runInSession,
  useDatabase,
  usePrimary,
  useReplica,
  withHints,
  withoutPinning,
  withSession,
} from './scopes.js';
export type { FastestOptions } from './selection/fastest.js';
export { fastest } from './selection/fastest.js';
export { leastBusy } from './selection/least-busy.js';
export { random } from './selection/random.js';
export { roundRobin } from './selection/round-robin.js';
export type { Chance, NonEmpty, Select, SelectFunction, SelectStrategy } from './selection/select.js';
export { weighted } from './selection/weighted.js';
export type { SessionOptions, SessionView } from './session.js';
export { Session } from './session.js';
export { arePins } from './session-text.js';
export type { StatementKind } from './statement.js';
export { classify } from './statement.js';
