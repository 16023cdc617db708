import type { ServerResponse } from 'node:http';
import { currentSession, type Session } from '@sluice/core';
import { Pins, type RequestPin } from '@sluice/http';
import { attach, enter, factsOf } from '@sluice/http/node';
import type { HttpRequest, ModuleSettings } from './options.js';
import { pathOf } from './options.js';

type Next = () => void;

/** The sessions of the HTTP requests of one application. */
export class RequestSessions {
  readonly #pins: Pins<HttpRequest>;
  readonly #graphqlPaths: ReadonlySet<string>;
  readonly #byRequest = new WeakMap<object, RequestPin>();
  readonly #bySession = new WeakMap<Session, RequestPin>();

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor({ pins, graphqlPaths }: Pick<ModuleSettings, 'pins' | 'graphqlPaths'>) {
    this.#pins = new Pins(pins);
    this.#graphqlPaths = graphqlPaths;
  }

  /** Seconds for which a pin holds. */
  get pinSeconds(): number {
    return this.#pins.pinSeconds;
  }

  /** Opens the session of a request, and goes on in it: a middleware. */
  open(request: HttpRequest, response: ServerResponse, next: Next): void {
    const facts = factsOf(request);
    // a query comes by POST, too
    const method = this.#graphqlPaths.has(pathOf(request)) ? undefined : facts.method;
    const pin = this.#pins.open(request, { ...facts, method });
    if (pin === undefined) {
      next();
      return;
    }
    this.#byRequest.set(request, pin);
    this.#bySession.set(pin.session, pin);
    attach(pin, response);
    enter(pin, next);
  }

  /** Goes on with a request in its session, from a place that knows the request only. */
  enterAgain(request: HttpRequest, next: Next): void {
    const pin = this.#byRequest.get(request);
    if (pin === undefined) next();
    else pin.run(next);
  }

  /** The pin of a request of either platform, else of the request in whose session the caller is. */
  find(request: unknown): RequestPin | undefined {
    const own = typeof request === 'object' && request !== null ? this.#ofRequest(request) : undefined;
    if (own !== undefined) return own;
    const session = currentSession();
    return session && this.#bySession.get(session);
  }

  #ofRequest(request: { readonly raw?: unknown }): RequestPin | undefined {
    const { raw } = request;
    return this.#byRequest.get(typeof raw === 'object' && raw !== null ? raw : request);
  }
}
