import type { PinStore } from '@sluice/core';
import { numberOption, oneOf, refuseUnknown, show, SluiceError } from '@sluice/core';

/** The cookie that carries a pin. */
export interface PinCookie {
  /** Default: `sluice_pin`. */
  readonly name?: string;
  /** Sent over HTTPS only. Default: true. */
  readonly secure?: boolean;
  /** Out of reach of scripts. Default: true. */
  readonly httpOnly?: boolean;
  /** Default: `lax`. */
  readonly sameSite?: 'lax' | 'strict' | 'none';
  /** Default: `/`. */
  readonly path?: string;
  /** Default: none, so that only the host that set it gets it back. */
  readonly domain?: string;
}

/** How pins travel between requests. `R`: the framework's request. */
export interface PinOptions<R> {
  /** Seconds for which a write keeps the reads of the next requests on the primary; 0: not at all. Default: 15. */
  readonly pinSeconds?: number;
  /**
   * What pins: a request's `method` (from its start, if it is none of `readMethods`), a `write` that Sluice saw being
   * committed, or either. Default: `either`.
   */
  readonly pinOn?: 'method' | 'write' | 'either';
  /** Methods of requests that only read. Default: GET, HEAD, OPTIONS, TRACE, QUERY. */
  readonly readMethods?: readonly string[];
  /** Default: see {@link PinCookie}. */
  readonly cookie?: PinCookie;
  /** Name of a header that carries the pin both ways, instead of a cookie. Default: none. */
  readonly header?: string;
  /** Keys that sign the pin (HMAC-SHA-256): the first signs, all verify. Default: none; then its time is clamped. */
  readonly secrets?: readonly string[];
  /** Requests that have nothing to do with databases, such as assets: no session, no pin. Default: none. */
  readonly skip?: (request: R) => boolean;
  /** Keeps pins where cookies do not reach (API tokens, several devices); goes with `key`. Default: none. */
  readonly store?: PinStore;
  /** Whose pins a request has: the id of a user or tenant; undefined: the cookie or header serves. Goes with `store`. */
  readonly key?: (request: R) => string | undefined;
}

/** The same, checked and complete. */
export interface PinSettings<R> {
  readonly pinSeconds: number;
  readonly pinsOnMethod: boolean;
  readonly pinsOnWrite: boolean;
  readonly readMethods: ReadonlySet<string>;
  readonly cookie: Required<Omit<PinCookie, 'domain'>> & Pick<PinCookie, 'domain'>;
  readonly header: string | undefined;
  readonly secrets: readonly string[];
  readonly skip: (request: R) => boolean;
  readonly store: PinStore | undefined;
  readonly key: (request: R) => string | undefined;
}

const READ_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'];
const OPTIONS = ['pinSeconds', 'pinOn', 'readMethods', 'cookie', 'header', 'secrets', 'skip', 'store', 'key'];
/** A token, as RFC 9110 has it: what may name a header or a cookie. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @throws SluiceError `SLUICE_CONFIG` */
export function settingsOf<R>(options: PinOptions<R>): PinSettings<R> {
  refuseUnknown('the pin options', options, OPTIONS);
  const { cookie = {}, header, readMethods = READ_METHODS, secrets = [], skip = () => false, store, key } = options;
  refuseUnknown('cookie', cookie, ['name', 'secure', 'httpOnly', 'sameSite', 'path', 'domain']);
  const { name = 'sluice_pin', secure = true, httpOnly = true, sameSite = 'lax', path = '/', domain } = cookie;
  const pinOn = oneOf('pinOn', options.pinOn ?? 'either', ['method', 'write', 'either']);
  refuseUnless(TOKEN.test(name), `name of cookie is ${show(name)}; give letters, digits, - or _`);
  refuseUnless(header === undefined || TOKEN.test(header), `header is ${show(header)}; give the name of a header`);
  refuseUnless(strings(readMethods), `readMethods is ${show(readMethods)}; give an array of methods, such as ["GET"]`);
  refuseUnless(strings(secrets), `secrets is ${show(secrets)}; give an array of keys, the one that signs first`);
  refuseUnless(
    store === undefined || (typeof store.load === 'function' && typeof store.save === 'function'),
    `store is ${show(store)}; give an object with load(id) and save(id, pins), such as redisPins(client)`,
  );
  refuseUnless((store === undefined) === (key === undefined), 'store and key go together; give both or neither');
  refuseUnless(key === undefined || typeof key === 'function', `key is ${show(key)}; give a function of the request`);
  refuseUnless(typeof skip === 'function', `skip is ${show(skip)}; give a function of the request`);
  return {
    pinSeconds: numberOption('pinSeconds', options.pinSeconds, { min: 0, fallback: 15 }),
    pinsOnMethod: pinOn !== 'write',
    pinsOnWrite: pinOn !== 'method',
    readMethods: new Set(readMethods.map((method) => method.toUpperCase())),
    cookie: {
      name,
      secure,
      httpOnly,
      sameSite: oneOf('sameSite of cookie', sameSite, ['lax', 'strict', 'none']),
      path,
      ...(domain !== undefined && { domain }),
    },
    header,
    secrets,
    skip,
    store,
    key: key ?? (() => undefined),
  };
}

function strings(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string' && value !== '');
}

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new SluiceError('SLUICE_CONFIG', message);
}
