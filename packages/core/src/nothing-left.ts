import type { Database, Databases } from './databases.js';
import { SluiceError } from './errors.js';
import type { Failure } from './failure.js';
import { isServerFull } from './failure.js';
import type { Intent } from './router.js';

/** The attempt after which nothing was left. */
export interface LastAttempt {
  readonly failure: Failure;
  readonly error: unknown;
  /** Every database that was tried, in order. */
  readonly tried: readonly string[];
}

interface Situation {
  readonly cluster: string;
  readonly intent: Intent;
  readonly databases: Databases;
  readonly health: { lastError(database: string): string | undefined };
}

/**
 * The error for the caller when no database is left for a statement: the database's own where only its configuration
 * can help, else what is known of all.
 */
export function nothingLeft({ cluster, intent, databases, health }: Situation, last?: LastAttempt): unknown {
  const { failure, error: cause, tried = [] } = last ?? {};
  if (failure === 'unusable' || failure === 'read-only' || failure === 'conflict') return cause;
  if (failure === 'overloaded' && tried.every((name) => answers(databases, name))) {
    return new SluiceError('SLUICE_OVERLOADED', overloaded(intent, tried, cause), { cause });
  }
  return new SluiceError(
    'SLUICE_NO_DATABASE',
    `no database of cluster ${cluster} can serve this ${intent}: ${states({ databases, health })}; check that they run and can be reached`,
    { cause },
  );
}

/** Each database with its health and last error. */
function states({ databases, health }: Pick<Situation, 'databases' | 'health'>): string {
  const stateOf = ({ name, health: state }: Database): string => {
    const error = health.lastError(name);
    return `${name} is ${state}${error === undefined ? '' : ` (${error})`}`;
  };
  return databases.all.map(stateOf).join(', ');
}

/** A pool also runs out because its database no longer answers. */
function answers(databases: Databases, name: string): boolean {
  const health = databases.get(name)?.health;
  return health !== 'down' && health !== 'suspect';
}

function overloaded(intent: Intent, tried: readonly string[], cause: unknown): string {
  const names = tried.join(', ');
  return isServerFull(cause)
    ? `${names} has no connection to spare for this ${intent}; raise the server's limit of connections, make the pools smaller, or lower the load`
    : `every connection of the pool of ${names} is in use, and none became free for this ${intent}; raise the pool's size or its queue time-out, or lower the load`;
}
