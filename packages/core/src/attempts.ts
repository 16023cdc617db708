import type { Frame } from './context.js';
import { currentFrame } from './context.js';
import type { Database } from './databases.js';
import type { Engine } from './engine.js';
import { SluiceError } from './errors.js';
import type { Failure } from './failure.js';
import { failureOf, isUnanswered } from './failure.js';
import type { Lease } from './lease.js';
import type { LastAttempt } from './nothing-left.js';
import type { StatementInfo } from './request.js';
import { afterFailure } from './retry.js';
import type { Route } from './route.js';

/** One attempt at a statement on the database of its lease; fails as the database does. */
export type Attempt<T> = (lease: Lease) => Promise<T>;

/** What the loop over candidates asks of its cluster. */
export interface Attempting {
  readonly engine: Engine;
  /** Where the statement goes next; undefined: nothing is left. */
  route(info: StatementInfo, frame: Frame, tried: readonly string[]): Route | undefined;
  lease(info: StatementInfo, frame: Frame, route: Route): Lease;
  /** Whether a statement would be served there, by what is known of it. */
  wouldServe(info: StatementInfo, database: Database): boolean;
  /** Hears of a failed attempt. */
  failed(lease: Lease, failure: Failure, error: unknown): void;
  /** Whether one more repeat of something that was sent is within the budget. */
  mayRepeat(): boolean;
  /** Drops the idle connections of a database that lost one: they may be as dead. */
  renew(database: Database): void;
  /** Hears that another attempt follows a failed one. */
  repeating(info: StatementInfo, lease: Lease, failure: Failure, error: unknown): void;
  /**
   * Where a statement that had no effect may go after all, once something has changed; undefined: nowhere in the time
   * that it may wait. `since` is when the statement came, in monotonic milliseconds.
   */
  later(info: StatementInfo, frame: Frame, waited: Waited): Promise<Route | undefined>;
  now(): number;
  /** The error for the caller when nothing is left. */
  nothingLeft(info: StatementInfo, last?: LastAttempt): unknown;
}

/** A statement that found no database, and how it got there. */
export interface Waited {
  readonly failure: Failure;
  readonly tried: readonly string[];
  readonly since: number;
}

const NOT_TRIED: readonly string[] = Object.freeze([]);

/**
 * Attempts a statement on one database after the other, while that cannot do harm. When none is left, the last one
 * whose connection was lost is tried once more, on a new connection.
 */
export async function attempts<T>(cluster: Attempting, info: StatementInfo, attempt: Attempt<T>): Promise<T> {
  const frame = info.frame ?? currentFrame();
  let tried = NOT_TRIED;
  let lostBy: Database | undefined;
  let secondChance = false;
  const since = cluster.now();
  let route = cluster.route(info, frame, tried);
  if (route === undefined) throw cluster.nothingLeft(info);
  if (!cluster.wouldServe(info, route.database)) {
    route = (await cluster.later(info, frame, { failure: 'unreachable', tried, since })) ?? route;
  }
  for (;;) {
    const lease = cluster.lease(info, frame, route);
    try {
      const result = await attempt(lease);
      if (!lease.kept) lease.end('committed');
      return result;
    } catch (error) {
      const failure = failureOf(cluster.engine, error);
      const { sent, changes: write } = lease;
      const step = afterFailure(failure, { sent, write });
      const unknown = sent && write && isUnanswered(failure);
      lease.end(unknown ? 'unknown' : 'rolled-back', { failed: failure !== 'application' && failure !== 'timeout' });
      cluster.failed(lease, failure, error);
      if (step === 'fail') throw error;
      if (step === 'unknown') throw outcomeUnknown(route.database.name, error);
      const others = [...tried, route.database.name];
      if (sent && failure === 'lost') lostBy = route.database;
      let next = cluster.route(info, frame, others);
      if (next !== undefined) tried = others;
      else if (lostBy !== undefined && !secondChance) {
        const { name } = lostBy;
        secondChance = true;
        cluster.renew(lostBy);
        tried = others.filter((other) => other !== name);
        next = cluster.route(info, frame, tried);
      }
      if (next === undefined && !(sent && isUnanswered(failure))) {
        next = await cluster.later(info, frame, { failure, tried: others, since });
        if (next !== undefined) tried = others.includes(next.database.name) ? NOT_TRIED : others;
      }
      if (next === undefined) throw cluster.nothingLeft(info, { failure, error, tried: others });
      if (sent && !write && !cluster.mayRepeat()) throw error;
      cluster.repeating(info, lease, failure, error);
      route = next;
    }
  }
}

function outcomeUnknown(database: string, cause: unknown): SluiceError {
  return new SluiceError(
    'SLUICE_OUTCOME_UNKNOWN',
    `the connection to ${database} was lost while a write was on its way, so it may or may not have been applied; look before you send it again`,
    { cause },
  );
}
