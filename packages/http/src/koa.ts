import type { IncomingMessage, ServerResponse } from 'node:http';
import { attach, factsOf } from './node-response.js';
import type { PinOptions } from './options.js';
import { Pins } from './pins.js';

/** The subset of Koa's context that is used. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/**
 * One session for each request, and its pin in the response. Put it before whatever writes.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function pinning<Context extends KoaContext = KoaContext>(
  options: PinOptions<Context> = {},
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  const pins = new Pins(options);
  return async (context, next) => {
    const pin = pins.open(context, factsOf(context.req));
    if (pin === undefined) {
      await next();
      return;
    }
    attach(pin, context.res);
    await pin.ready;
    await pin.run(next);
  };
}
