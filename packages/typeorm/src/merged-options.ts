import { DATABASE_OPTIONS } from '@sluice/core';
import type { OptionBag } from './internals.js';

/** What says where a server is and who we are there. */
export const CREDENTIALS = ['url', 'host', 'port', 'username', 'password', 'database', 'socketPath'];

/** The names under which `extra` may hold the same, in the words of the drivers; there it wins over the option itself. */
const IN_EXTRA: Readonly<Record<string, readonly string[]>> = {
  url: ['connectionString', 'host', 'port', 'user', 'password', 'database', 'socketPath'],
  host: ['host', 'socketPath'],
  port: ['port', 'socketPath'],
  socketPath: ['host', 'port', 'socketPath'],
  username: ['user'],
  password: ['password'],
  database: ['database'],
  ssl: ['ssl'],
  poolSize: ['connectionLimit', 'max'],
  connectTimeout: ['connectTimeout'],
  connectTimeoutMS: ['connectionTimeoutMillis'],
  applicationName: ['application_name'],
};

/** TypeORM's options for one database: what the database says of itself wins over what is said for all. */
export function merged(base: OptionBag, database: object): OptionBag {
  const own = without(given(database), DATABASE_OPTIONS);
  const covered = Object.keys(own).flatMap((option) => IN_EXTRA[option] ?? []);
  const extra = { ...without((base['extra'] ?? {}) as OptionBag, covered), ...(own['extra'] as OptionBag | undefined) };
  const all = { ...around(base, own), ...own, extra };
  return Object.keys(extra).length > 0 || base['extra'] !== undefined ? all : without(all, ['extra']);
}

/** What is said for all, without an address that would win over the database's own. */
function around(base: OptionBag, own: OptionBag): OptionBag {
  if (own['url'] !== undefined) return without(base, CREDENTIALS);
  const moved = own['host'] !== undefined || own['port'] !== undefined;
  const left = moved ? without(base, ['socketPath']) : base;
  const { url, ...rest } = left;
  if (typeof url !== 'string' || !CREDENTIALS.some((name) => own[name] !== undefined) || !URL.canParse(url))
    return left;
  return { ...rest, ...readdressed(new URL(url), own) };
}

/** A URL with one database's own parts in it; taken apart where a part of it fits into no URL. */
function readdressed(url: URL, own: OptionBag): OptionBag {
  const { host, port, username, password, database, socketPath } = own;
  const fits =
    typeof password !== 'function' && socketPath === undefined && !(typeof host === 'string' && host.startsWith('/'));
  if (!fits) {
    return given({
      host: url.hostname || undefined,
      port: url.port === '' ? undefined : Number(url.port),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
      database: decodeURIComponent(url.pathname.slice(1)) || undefined,
    });
  }
  if (typeof host === 'string') url.hostname = host.includes(':') ? `[${host}]` : host;
  if (typeof port === 'number') url.port = String(port);
  if (typeof username === 'string') url.username = encodeURIComponent(username);
  if (typeof password === 'string') url.password = encodeURIComponent(password);
  if (typeof database === 'string') url.pathname = `/${database}`;
  return { url: url.href };
}

function given(options: object): OptionBag {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function without(options: OptionBag, names: readonly string[]): OptionBag {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

export function pick(options: OptionBag, names: readonly string[]): OptionBag {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
