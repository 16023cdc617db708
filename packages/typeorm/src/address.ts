import type { Address, Engine } from '@sluice/core';
import type { OptionBag } from './internals.js';

/** Where a database listens, as far as its options tell. */
export function addressOf(pool: OptionBag | undefined, engine: Engine): Address | undefined {
  if (pool === undefined) return undefined;
  const extra = (pool['extra'] ?? {}) as OptionBag;
  const { url } = pool;
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const path = extra['socketPath'] ?? pool['socketPath'];
  if (typeof path === 'string') return { path };
  const host = extra['host'] ?? (parsed?.hostname || pool['host']) ?? 'localhost';
  const port = Number(extra['port'] ?? (parsed?.port || pool['port']) ?? (engine === 'mysql' ? 3306 : 5432));
  if (typeof host !== 'string' || !Number.isInteger(port)) return undefined;
  // PostgreSQL's clients take a host that is a path for the folder of its socket
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}
