export type { PinCookie, PinOptions } from './options.js';
export type { RequestFacts } from './pins.js';
export { Pins } from './pins.js';
export type { PinHeader } from './request-pin.js';
export { RequestPin } from './request-pin.js';
