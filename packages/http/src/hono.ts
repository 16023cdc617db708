import type { PinOptions } from './options.js';
import { Pins } from './pins.js';

/** The subset of Hono's context that is used. */
export interface HonoContext {
  readonly req: { readonly method: string; header(name: string): string | undefined };
  header(name: string, value: string, options?: { append?: boolean }): void;
}

/**
 * One session for each request, and its pin in the response. Put it before whatever writes. What writes while its body
 * is being streamed writes too late to be told.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function pinning<Context extends HonoContext = HonoContext>(
  options: PinOptions<Context> = {},
): (context: Context, next: () => Promise<void>) => Promise<void> {
  const pins = new Pins(options);
  return async (context, next) => {
    const { req } = context;
    const pin = pins.open(context, { method: req.method, header: (name) => req.header(name) });
    if (pin === undefined) return next();
    await pin.ready;
    await pin.run(next);
    await pin.beforeEnd();
    const header = pin.header();
    if (header !== undefined) context.header(header.name, header.value, { append: true });
    return undefined;
  };
}
