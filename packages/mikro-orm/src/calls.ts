import { AsyncLocalStorage } from 'node:async_hooks';
import type { Held, Lease } from '@sluice/core';
import { currentFrame, runInFrame } from '@sluice/core';
import { remember } from './relations.js';
import type { Routing } from './routing.js';
import type { Writes } from './statement.js';

/** One call of the ORM, as the application made it: all its statements stay on one database while that is right. */
export interface Call {
  readonly routing: Routing;
  readonly outer: Call | undefined;
  /** What the call will write, if it is a flush; looked at when its first statement is sent. */
  readonly flush: (() => Writes) | undefined;
  /** The database of its statements so far. */
  held: Held | undefined;
  /** The transaction that all it writes was found to belong to. */
  confinedTo: Lease | undefined;
}

const calls = new AsyncLocalStorage<Call>();

/** The call around a statement of this ORM; a hook may have called another ORM meanwhile. */
export function callOf(routing: Routing): Call | undefined {
  let call = calls.getStore();
  while (call !== undefined && call.routing !== routing) call = call.outer;
  return call;
}

/** Runs one call of the ORM; inside of another call it is a part of that. */
export function asCall<T>(routing: Routing, work: () => T): T {
  const outer = calls.getStore();
  if (outer?.routing === routing) return work();
  return calls.run({ routing, outer, flush: undefined, held: undefined, confinedTo: undefined }, work);
}

/** A flush that has been asked for; MikroORM may let it wait for another one. */
export class Flush {
  readonly #frame = currentFrame();
  readonly #around: Call | undefined;
  readonly #call: Call;

  constructor(routing: Routing, writes: () => Writes) {
    this.#around = callOf(routing);
    let known: Writes | undefined;
    // until its change sets are computed a flush does not know what it writes
    const flush = (): Writes => (known !== undefined && known.models.length > 0 ? known : (known = writes()));
    this.#call = { routing, outer: calls.getStore(), flush, held: undefined, confinedTo: undefined };
  }

  /** Runs it in the scope, session and call of whoever asked for it; what is around it reads there from then on. */
  async run(work: () => Promise<void>): Promise<void> {
    await runInFrame(this.#frame, () => calls.run(this.#call, work));
    const { held, routing, flush } = this.#call;
    if (held === undefined) return;
    if (this.#around !== undefined) this.#around.held = held;
    if (routing.asksRelations) remember(flush?.().entities, held.database);
  }
}

/** Remembers the database of a call's statement; a call that wrote there may go on writing after it has read. */
export function keep(call: Call | undefined, held: Held): void {
  if (call === undefined) return;
  if (call.held?.intent === 'write' && call.held.database === held.database) return;
  call.held = held;
}
