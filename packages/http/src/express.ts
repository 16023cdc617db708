import type { IncomingMessage, ServerResponse } from 'node:http';
import { attach, enter, factsOf } from './node-response.js';
import type { PinOptions } from './options.js';
import { Pins } from './pins.js';

/** Middleware of Express 4 and 5, and of whatever takes `(request, response, next)`. */
export type Middleware<Req> = (request: Req, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * One session for each request, and its pin in the response. Put it before whatever writes.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function pinning<Req extends IncomingMessage = IncomingMessage>(options: PinOptions<Req> = {}): Middleware<Req> {
  const pins = new Pins(options);
  return (request, response, next) => {
    const pin = pins.open(request, factsOf(request));
    if (pin === undefined) {
      next();
      return;
    }
    attach(pin, response);
    enter(pin, next);
  };
}
