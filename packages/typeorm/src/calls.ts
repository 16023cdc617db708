import type { Origin } from './origin.js';

/** Hears when a call begins that is part of no other. */
interface Beginning {
  startAnew(): void;
}

/** What the statements of one query runner come from: calls of the ORM, one within the other. */
export class Calls {
  readonly #beginning: Beginning;
  /** What the next statements come from, unless a writing call is under way. */
  #said: Origin | undefined;
  /** The writing calls that are under way. */
  readonly #flushes: Origin[] = [];
  /** Calls under way; a runner made for one call has one all its life. */
  #depth = 0;
  /** Whether the last statement was one of a call. */
  #called = false;

  constructor(beginning: Beginning) {
    this.#beginning = beginning;
  }

  get origin(): Origin | undefined {
    return this.#flushes.at(-1) ?? this.#said;
  }

  comesFrom(origin: Origin): void {
    this.#begin();
    this.#said = origin;
  }

  /** A transaction begins: part of the call under way, or a call of nobody. */
  beginTransaction(): void {
    if (this.#depth === 0) this.comesFrom({});
  }

  /** A write that no builder made: somebody's own SQL. */
  ownSql(): void {
    if (!this.#called || this.#depth > 0) return;
    this.comesFrom({});
    this.#called = false;
  }

  /** The runner was made for one call: all its statements belong together. */
  serveOne(): void {
    this.#depth += 1;
  }

  /** Runs one call, whose statements belong together. */
  async calling<T>(work: () => Promise<T>): Promise<T> {
    this.#begin();
    const said = this.#said;
    this.#depth += 1;
    try {
      return await work();
    } finally {
      this.#depth -= 1;
      this.#said = said;
    }
  }

  /** The same for a call that writes. */
  async flushing<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
    this.#flushes.push(origin);
    try {
      return await this.calling(work);
    } finally {
      this.#flushes.splice(this.#flushes.indexOf(origin), 1);
    }
  }

  #begin(): void {
    if (this.#depth > 0) return;
    this.#called = true;
    this.#beginning.startAnew();
  }

  /** Whether a writing call has shown these entities to the routers already, with their objects. */
  hasShown({ builder, writes }: Origin): boolean {
    if (builder === undefined || writes === undefined) return false;
    return this.#flushes.some((flush) => writes.every((model) => flush.writes?.includes(model)));
  }
}
