import type { Held, Lease } from '@sluice/core';
import type { Attached, Attachment } from './attachment.js';

/** Where connections come from. */
interface Attaching {
  attach(database: string): Attachment;
}

/** The connection of one query runner: taken for a lease, kept while that is right, given back when it moves on. */
export class RunnerConnection {
  readonly #attaching: Attaching;
  #current: Attachment | undefined;
  /** A connection that somebody has asked for; theirs until the runner is released, wherever its statements go. */
  #lent: Attachment | undefined;
  #held: Held | undefined;
  #released = false;

  constructor(attaching: Attaching) {
    this.#attaching = attaching;
  }

  /** Whether there is a connection that can carry statements. */
  get usable(): boolean {
    return this.#current?.usable === true;
  }

  /** The database that the call under way was given, whatever has become of its connection. */
  get database(): string | undefined {
    return this.#held?.database;
  }

  /** The same for the next statement of the call; undefined: it is decided anew. */
  get held(): Held | undefined {
    return this.usable ? this.#held : undefined;
  }

  /** The next statement is decided anew; it may well be given the same connection. */
  startAnew(): void {
    this.#held = undefined;
  }

  /** The connection that a lease is for: the one in use, or another, which is taken instead; to be exited. */
  take(lease: Lease): Promise<Attached> {
    const { name } = lease.database;
    let attachment = this.#current;
    if (attachment?.database !== name || !attachment.usable) {
      this.#leave();
      attachment = this.#lent?.database === name && this.#lent.usable ? this.#lent : this.#attaching.attach(name);
      this.#current = attachment;
    }
    this.#held = lease.held;
    lease.carriedBy(attachment);
    return this.#entered(attachment);
  }

  /** The connection that is in use, if it can carry a statement; to be exited. */
  again(): Promise<Attached> | undefined {
    const attachment = this.#current;
    return attachment?.usable === true ? this.#entered(attachment) : undefined;
  }

  /** Somebody keeps the raw connection for as long as the runner lives. */
  lend({ attachment }: Attached): void {
    this.#lent ??= attachment;
  }

  breakWith(error: Error): void {
    this.#current?.breakWith(error);
  }

  /** Gives everything back, also what is still on its way here. */
  release(): void {
    this.#released = true;
    this.#leave();
    this.#lent?.leave();
  }

  #entered(attachment: Attachment): Promise<Attached> {
    const ready = attachment.enter();
    // released meanwhile: the connection goes back when this statement has ended
    if (this.#released) this.#leave();
    return ready;
  }

  #leave(): void {
    if (this.#current !== this.#lent) this.#current?.leave();
    this.#current = undefined;
    this.#held = undefined;
  }
}
