import type { Frame, Lease } from '@sluice/core';
import { bound, classify, currentFrame, neverSent, runInFrame } from '@sluice/core';
import { abandonable } from './abandonable.js';
import { keep } from './calls.js';
import type { Sending } from './dispatch.js';
import { dispatchInside, planned } from './dispatch.js';
import type { DatabaseConnection } from './pools/database-connection.js';
import type { Routing } from './routing.js';

type Open = (connection: DatabaseConnection) => AsyncGenerator<unknown>;

interface Opened {
  readonly rows: AsyncGenerator<unknown>;
  readonly first: IteratorResult<unknown>;
  readonly lease: Lease;
}

/** A stream whose database is chosen when its first row is asked for; until that is there, another may answer. */
export async function* stream(routing: Routing, sending: Sending, open: Open): AsyncGenerator<unknown> {
  routing.open();
  const { cluster, engine } = routing;
  const does = classify(sending.sql, engine);
  const { statement, call } = planned(routing, sending, does);
  const { rows, first, lease } = await cluster.run(statement, async (chosen): Promise<Opened> => {
    keep(call, chosen.held);
    if (does === 'write') chosen.writing();
    else chosen.sending();
    try {
      const found = open(routing.connection(chosen.database.name));
      const row = await abandonable(chosen, found.next());
      chosen.keep();
      return { rows: found, first: row, lease: chosen };
    } catch (error) {
      if (neverSent(engine, error)) chosen.unsent();
      throw error;
    }
  });
  let failed = false;
  try {
    if (first.done !== true) {
      yield first.value;
      yield* rows;
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    // a consumer that leaves early lets the client close what it has opened
    await rows.return(undefined).catch(() => undefined);
    if (does === 'write') lease.changed(undefined);
    lease.end('committed', { failed });
  }
}

/** The same inside a transaction. */
export async function* streamInside(
  routing: Routing,
  lease: Lease,
  sending: Sending,
  open: Open,
): AsyncGenerator<unknown> {
  yield* await dispatchInside(routing, lease, sending, async (connection) => open(connection));
}

/** An iterator that was made in one place and is run in another: it stays where it was made. */
export function keepingFrame<T>(made: Frame, rows: AsyncGenerator<T>): AsyncGenerator<T> {
  if (made.placement === undefined) return rows;
  const step = (name: 'next' | 'return' | 'throw') => (argument?: unknown) =>
    runInFrame(bound(made, currentFrame()), () => (rows[name] as (argument?: unknown) => unknown).call(rows, argument));
  return Object.create(rows, {
    next: { value: step('next') },
    return: { value: step('return') },
    throw: { value: step('throw') },
  }) as AsyncGenerator<T>;
}
