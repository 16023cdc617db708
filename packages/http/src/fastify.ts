import type { IncomingMessage, ServerResponse } from 'node:http';
import plugin from 'fastify-plugin';
import { attach, enter, factsOf } from './node-response.js';
import type { PinOptions } from './options.js';
import { Pins } from './pins.js';
import type { RequestPin } from './request-pin.js';

/** The subset of a Fastify request that is used, or that `skip` may want to look at. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly url: string;
  readonly method: string;
}

type FastifyPinOptions = PinOptions<FastifyRequestLike>;

type Hook = (request: FastifyRequestLike, reply: { readonly raw: ServerResponse }, done: () => void) => void;

/** The subset of a Fastify instance that is used. */
export interface FastifyLike {
  addHook(name: 'onRequest' | 'preValidation', hook: Hook): unknown;
}

function register(instance: FastifyLike, options: FastifyPinOptions, done: () => void): void {
  const pins = new Pins(options);
  const open = new WeakMap<object, RequestPin>();
  instance.addHook('onRequest', (request, reply, next) => {
    const pin = pins.open(request, factsOf(request.raw));
    if (pin === undefined) {
      next();
      return;
    }
    open.set(request, pin);
    attach(pin, reply.raw);
    enter(pin, next);
  });
  // a body is read in the context of its socket, so the session is entered again behind it
  instance.addHook('preValidation', (request, _reply, next) => {
    const pin = open.get(request);
    if (pin === undefined) next();
    else pin.run(next);
  });
  done();
}

/**
 * Fastify plugin: one session for each request, and its pin in the response. Register it before whatever writes.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export const pinning = plugin(register as never, {
  name: '@sluice/http',
  fastify: '5.x',
}) as unknown as typeof register;
