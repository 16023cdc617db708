import type { Placement } from './context.js';
import type { Database } from './databases.js';
import type { InFlight, Waiting } from './in-flight.js';
import type { Outcome } from './outcome.js';
import type { Mark } from './pins.js';
import type { Route } from './route.js';
import type { Intent } from './router.js';

/** The database that an ORM call was given, as its adapter remembers it between statements. */
export interface Held {
  readonly database: string;
  readonly intent: Intent;
  readonly placement: Placement | undefined;
  readonly cause: string;
}

/** Hears of a lease's life, and keeps account of it. */
export interface LeaseOwner {
  /** A write of the lease is about to be sent; asked again until one pins. */
  writing(): Mark | undefined;
  ended(lease: Ended): void;
}

/** What a read is under way on. */
export interface Carrier {
  /** Closes it, or ends the wait for it, so that the attempt fails with `reason`. Called once at the most. */
  giveUp(reason: Error): void;
}

/** How a lease ended. */
export interface Ended {
  readonly route: Route;
  /** What the process had waited in all when it was taken, in milliseconds. */
  readonly waitedAt: number;
  /** Whether it outlived its attempt: how long it took was up to whoever kept it. */
  readonly kept: boolean;
  readonly outcome: Outcome;
  /** Whether its database failed it. */
  readonly failed: boolean;
  /** Whether a write was sent that changed rows, or may have. */
  readonly wrote: boolean;
  readonly mark: Mark | undefined;
}

interface LeaseOptions {
  readonly route: Route;
  readonly intent: Intent;
  readonly placement: Placement | undefined;
  readonly startedAt: number;
  readonly waitedAt: number;
  /** Where it counts as a plain read that waits for its answer; undefined: nobody else may answer it. */
  readonly inFlight: InFlight | undefined;
}

/** A database chosen for one statement, stream or transaction, held until that ends. */
export class Lease implements Waiting {
  readonly route: Route;
  readonly intent: Intent;
  readonly held: Held;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Its neighbours in the list that `InFlight` keeps. */
  older: Waiting | undefined;
  newer: Waiting | undefined;
  readonly #owner: LeaseOwner;
  readonly #waitedAt: number;
  #inFlight: InFlight | undefined;
  #carrier: Carrier | undefined;
  #sent = false;
  #kept = false;
  #changes = false;
  #ended = false;
  #wrote = false;
  #mark: Mark | undefined;

  constructor(owner: LeaseOwner, options: LeaseOptions) {
    const { route, intent, placement, startedAt, waitedAt, inFlight } = options;
    this.#owner = owner;
    this.startedAt = startedAt;
    this.#waitedAt = waitedAt;
    this.#inFlight = inFlight;
    inFlight?.add(this);
    this.route = route;
    this.intent = intent;
    this.held = { database: route.database.name, intent, placement, cause: route.cause };
  }

  get database(): Database {
    return this.route.database;
  }

  get sent(): boolean {
    return this.#sent;
  }

  get kept(): boolean {
    return this.#kept;
  }

  /** Whether what is sent may change something, by its adapter's word. */
  get changes(): boolean {
    return this.#changes;
  }

  /** Whether a write was sent that changed rows, or may have. */
  get wrote(): boolean {
    return this.#wrote;
  }

  /** From here on something may have reached the server. Call it right before the first byte is sent. */
  sending(): void {
    this.#sent = true;
  }

  /** A write is about to be sent: its session is pinned until the lease ends, and longer if the write commits. */
  writing(): void {
    this.#sent = true;
    this.#changes = true;
    this.#unwatch();
    // one write that does not pin takes nothing from those after it
    if (this.#mark?.pins === true) return;
    const mark = this.#owner.writing();
    if (this.#mark === undefined || mark?.pins === true) this.#mark = mark;
  }

  /** What was about to be sent never left: no connection came about. */
  unsent(): void {
    this.#sent = false;
  }

  /** A write was answered. `rows` it changed; undefined: not known, so taken for some. */
  changed(rows: number | undefined): void {
    if (rows !== 0) this.#wrote = true;
  }

  /** The lease outlives its attempt (a transaction, a stream with its first row): whoever keeps it calls `end`. */
  keep(): void {
    this.#kept = true;
    this.#unwatch();
  }

  /** Says what a read is under way on, or waits for: it is told if the database does not answer any more. */
  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** Its database is frozen. */
  abandon(reason: Error): void {
    const carrier = this.#carrier;
    this.#carrier = undefined;
    this.#unwatch();
    if (!this.#ended) carrier?.giveUp(reason);
  }

  /** Ends the lease; later calls do nothing. */
  end(outcome: Outcome, { failed = false }: { readonly failed?: boolean } = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#carrier = undefined;
    this.#unwatch();
    this.#owner.ended({
      route: this.route,
      waitedAt: this.#waitedAt,
      kept: this.#kept,
      outcome,
      failed,
      wrote: this.#wrote,
      mark: this.#mark,
    });
  }

  #unwatch(): void {
    this.#inFlight?.remove(this);
    this.#inFlight = undefined;
  }
}
