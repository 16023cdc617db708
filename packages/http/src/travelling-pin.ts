import type { Session } from '@sluice/core';
import { stringifySetCookie } from 'cookie';
import type { PinHeader, Surroundings } from './request-pin.js';
import { RequestPin } from './request-pin.js';
import { seal } from './token.js';

/** A pin that the response carries, in a cookie or a header. */
export class TravellingPin extends RequestPin {
  readonly #settings: Surroundings['settings'];
  readonly #late: () => void;

  constructor(session: Session, { late, ...around }: Surroundings & { readonly late: () => void }) {
    super(session, around);
    this.#settings = around.settings;
    this.#late = late;
  }

  override header(): PinHeader | undefined {
    const { pinSeconds, cookie, header, secrets } = this.#settings;
    const text = this.made();
    if (text === '') {
      // from here on it is too late to tell
      this.session.onGain(() => this.made() !== '' && this.#late());
      return undefined;
    }
    const value = seal(text, secrets);
    if (header !== undefined) return { name: header, value };
    const attributes = { ...cookie, value, maxAge: Math.ceil(pinSeconds) };
    return { name: 'Set-Cookie', value: stringifySetCookie(attributes, { encode: (plain) => plain }) };
  }

  override beforeEnd(): undefined {
    return undefined;
  }
}
