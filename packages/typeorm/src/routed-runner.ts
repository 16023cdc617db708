import type { Calls } from './calls.js';
import type { RunnerInternals } from './internals.js';
import type { Origin } from './origin.js';

/** A query runner that is routed. */
export interface RoutedRunner extends RunnerInternals {
  /** What its statements come from. */
  readonly calls: Calls;
  /** The database that the call under way was given. */
  readonly servedBy: string | undefined;
  /** Runs one call that writes; an open transaction refuses it before anything is sent. */
  flushing<T>(origin: Origin, work: () => Promise<T>): Promise<T>;
  /** Refuses a write that another primary than the open transaction's is meant for. */
  confine(origin: Origin): void;
  /** Declares that the next transaction only reads; it may then run on a replica. */
  readOnly(isolation: string | undefined): void;
}
