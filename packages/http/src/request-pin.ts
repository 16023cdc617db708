import { type Session, withSession } from '@sluice/core';
import type { PinSettings } from './options.js';

/** A header of the response. */
export interface PinHeader {
  readonly name: string;
  readonly value: string;
}

/** What a request's pin has to know of the application, and of its request. */
export interface Surroundings {
  readonly settings: Omit<PinSettings<never>, 'skip' | 'key'>;
  /** The request's method; undefined: not known yet. */
  readonly method: string | undefined;
}

/** One request's session, and how its pin reaches the next request. */
export abstract class RequestPin {
  readonly session: Session;
  /** What has to settle before the session may be used; undefined: nothing. Never rejects. */
  readonly ready: Promise<void> | undefined;
  readonly #settings: Surroundings['settings'];
  #pinnedByMethod = false;

  constructor(session: Session, { settings, method }: Surroundings, ready?: Promise<void>) {
    this.session = session;
    this.ready = ready;
    this.#settings = settings;
    if (method !== undefined) this.tellMethod(method);
  }

  /**
   * Says what the request's method is, if that was not known from its start. One that writes pins from here on: this
   * request to its end, and the next ones for the window.
   */
  tellMethod(method: string): void {
    if (!pinsByMethod(this.#settings, method)) return;
    this.#pinnedByMethod = true;
    this.session.keepOnPrimary();
    this.session.pin({ seconds: this.#settings.pinSeconds });
  }

  /** Runs the rest of the request in its session. */
  run<T>(work: () => T): T {
    return withSession(this.session, work);
  }

  /** The header to add to the response, if any. Ask once, right before headers are sent. */
  abstract header(): PinHeader | undefined;

  /** What has to settle before the response may end; undefined: nothing. Never rejects. */
  abstract beforeEnd(): Promise<void> | undefined;

  /** The response is over, also where it never ended. Work that outlives it is pinned for the window, as the next requests. */
  finish(): void {
    if (this.#pinnedByMethod) this.session.keepOnPrimary(false);
  }

  /** The pins that this request has made for the next one, as text; empty if it made none. */
  protected made(): string {
    const { pinSeconds, pinsOnWrite } = this.#settings;
    const pins = this.#pinnedByMethod || this.session.marked || (pinsOnWrite && this.session.gained);
    return pins && pinSeconds > 0 ? this.session.export({ seconds: pinSeconds }) : '';
  }
}

/** Whether a method says that its request writes, and that pins. */
export function pinsByMethod(
  { pinsOnMethod, readMethods }: Surroundings['settings'],
  method: string | undefined,
): boolean {
  return pinsOnMethod && method !== undefined && !readMethods.has(method.toUpperCase());
}
