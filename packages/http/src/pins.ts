import { Session } from '@sluice/core';
import { parseCookie } from 'cookie';
import type { PinOptions, PinSettings } from './options.js';
import { settingsOf } from './options.js';
import type { RequestPin } from './request-pin.js';
import { StoredPin } from './stored-pin.js';
import { unseal } from './token.js';
import { TravellingPin } from './travelling-pin.js';
import { UnkeptPins } from './unkept-pins.js';

/** What is looked at of a request; the same in every framework. */
export interface RequestFacts {
  /** Undefined: it does not tell whether the request writes, as in GraphQL; `RequestPin.tellMethod` may, later. */
  readonly method: string | undefined;
  /** The value of a header, by its lower-case name; several are joined as HTTP does. */
  header(name: string): string | undefined;
}

/** Pins that travel: one for each application. */
export class Pins<R> {
  readonly #settings: PinSettings<R>;
  readonly #unkept: UnkeptPins;
  #warned = false;

  /** @throws SluiceError `SLUICE_CONFIG` */
  constructor(options: PinOptions<R> = {}) {
    this.#settings = settingsOf(options);
    this.#unkept = new UnkeptPins(this.#settings.pinSeconds * 1_000);
  }

  /** Seconds for which a pin holds. */
  get pinSeconds(): number {
    return this.#settings.pinSeconds;
  }

  /** The session of one request; undefined for one that is skipped. Not yet to be used if `ready` is there. */
  open(request: R, facts: RequestFacts): RequestPin | undefined {
    const settings = this.#settings;
    if (settings.skip(request)) return undefined;
    const { method } = facts;
    const { store } = settings;
    const id = settings.key(request);
    if (store !== undefined && id !== undefined) {
      return new StoredPin({ settings, method, store, id, unkept: this.#unkept });
    }
    const { secrets, pinSeconds } = settings;
    const session = new Session({
      from: unseal(this.#token(facts), secrets),
      // nobody vouches for the time in a token without a signature
      ...(secrets.length === 0 && { longestSeconds: pinSeconds }),
    });
    return new TravellingPin(session, { settings, method, late: () => this.#warnOfLate() });
  }

  #token(facts: RequestFacts): string | undefined {
    const { cookie, header: name } = this.#settings;
    if (name !== undefined) return facts.header(name.toLowerCase());
    const cookies = facts.header('cookie');
    return cookies === undefined ? undefined : parseCookie(cookies)[cookie.name];
  }

  #warnOfLate(): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      'a request wrote after its headers were sent, so its pin could not be sent along; the next request of that user may read from a replica',
      { code: 'SLUICE_LATE_PIN' },
    );
  }
}
