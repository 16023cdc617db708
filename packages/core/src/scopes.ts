import type { Frame, Hints, Placement } from './context.js';
import { currentFrame, runInFrame } from './context.js';
import { SluiceError } from './errors.js';
import { refuseUnknown, show } from './options.js';
import type { SessionOptions } from './session.js';
import { Session } from './session.js';

export interface ScopeOptions {
  /** Name of the cluster it holds for. Default: every cluster. */
  readonly cluster?: string;
}

/** Reads inside go to the primary: where a write of the same model would go. */
export function usePrimary<T>(work: () => T, options?: ScopeOptions): T {
  return place('usePrimary', { kind: 'primary', database: undefined }, work, options);
}

/** Reads inside go to replicas, also in a pinned session; writes inside are refused with `SLUICE_REPLICA_WRITE`. */
export function useReplica<T>(work: () => T, options?: ScopeOptions): T {
  return place('useReplica', { kind: 'replica', database: undefined }, work, options);
}

/**
 * Everything inside goes to exactly this database, without failover; a write to a replica is refused with
 * `SLUICE_REPLICA_WRITE`, an unknown name with `SLUICE_UNKNOWN_DATABASE` at the first statement.
 */
export function useDatabase<T>(database: string, work: () => T, options?: ScopeOptions): T {
  refuseNoName('useDatabase', database);
  return place('useDatabase', { kind: 'database', database }, work, options);
}

/** Writes inside do not pin their session. */
export function withoutPinning<T>(work: () => T, options?: ScopeOptions): T {
  const frame = currentFrame();
  const unpinned = { value: true, cluster: clusterOf('withoutPinning', options), outer: frame.unpinned } as const;
  return enter('withoutPinning', { ...frame, unpinned }, work);
}

/** Hands facts to the routers, as `request.hints`; inner ones add to outer ones and win over them. */
export function withHints<T>(hints: Hints, work: () => T, options?: ScopeOptions): T {
  if (typeof hints !== 'object' || hints === null || Array.isArray(hints)) {
    throw new SluiceError('SLUICE_CONFIG', `withHints got ${show(hints)}; give an object of hints`);
  }
  const frame = currentFrame();
  const layer = { value: hints, cluster: clusterOf('withHints', options), outer: frame.hints };
  return enter('withHints', { ...frame, hints: layer }, work);
}

/**
 * Opens a session for one unit of work (a request, a job) and closes it when `work` has ended. Without a session
 * nothing is remembered between statements, so nothing is pinned. `from` takes over the pins of the work before.
 */
export async function runInSession<T>(
  work: (session: Session) => T,
  options: SessionOptions = {},
): Promise<Awaited<T>> {
  if (typeof work !== 'function') {
    throw new SluiceError('SLUICE_CONFIG', `runInSession got ${show(work)}; give the function to run`);
  }
  refuseUnknown('runInSession', options, ['from', 'longestSeconds', 'clock']);
  const session = new Session(options);
  try {
    return await runInFrame({ ...currentFrame(), session }, () => work(session));
  } finally {
    session.close();
  }
}

/**
 * Runs `work` in a session that is opened and closed elsewhere: for frameworks in which a unit of work is no function
 * call.
 */
export function withSession<T>(session: Session, work: () => T): T {
  return enter('withSession', { ...currentFrame(), session }, work);
}

/** The session around the caller, if there is one. */
export function currentSession(): Session | undefined {
  return currentFrame().session;
}

function place<T>(
  scope: string,
  { kind, database }: Pick<Placement, 'kind' | 'database'>,
  work: () => T,
  options: ScopeOptions | undefined,
): T {
  const frame = currentFrame();
  const placement: Placement = { kind, database, cluster: clusterOf(scope, options), outer: frame.placement };
  return enter(scope, { ...frame, placement }, work);
}

function enter<T>(scope: string, frame: Frame, work: () => T): T {
  if (typeof work === 'function') return runInFrame(frame, work);
  throw new SluiceError('SLUICE_CONFIG', `${scope} got ${show(work)}; give the function to run`);
}

/** @throws SluiceError `SLUICE_CONFIG` */
export function refuseNoName(scope: string, database: unknown): void {
  if (typeof database === 'string' && database !== '') return;
  throw new SluiceError('SLUICE_CONFIG', `${scope} got ${show(database)}; give the name of a database of the cluster`);
}

/** @throws SluiceError `SLUICE_CONFIG` */
export function clusterOf(scope: string, options: ScopeOptions | undefined): string | undefined {
  if (options === undefined) return undefined;
  refuseUnknown(scope, options, ['cluster']);
  const { cluster } = options;
  if (cluster === undefined || (typeof cluster === 'string' && cluster !== '')) return cluster;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `cluster of ${scope} is ${show(cluster)}; give the name of a cluster, or leave it out for all`,
  );
}
