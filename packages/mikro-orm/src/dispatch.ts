import type { Intent, Lease, StatementInfo, StatementKind } from '@sluice/core';
import { classify, neverSent } from '@sluice/core';
import { abandonable } from './abandonable.js';
import type { Call } from './calls.js';
import { callOf, keep } from './calls.js';
import { belongsTo } from './flush.js';
import type { DatabaseConnection } from './pools/database-connection.js';
import { rowsChanged } from './result.js';
import type { Routing } from './routing.js';
import type { Origin } from './statement.js';
import { Statement } from './statement.js';

/** One statement on its way through a facade. */
export interface Sending {
  readonly sql: string;
  /** Which kind of connection was asked for. */
  readonly kind: 'read' | 'write';
  readonly origin: Origin | undefined;
}

/** How one statement is sent once its database is known. */
export type Send<T> = (connection: DatabaseConnection) => Promise<T>;

/** Asks the cluster where a statement outside of transactions goes, and sends it there. */
export function dispatch<T>(routing: Routing, sending: Sending, send: Send<T>): Promise<T> {
  routing.open();
  const does = classify(sending.sql, routing.engine);
  const { statement, call } = planned(routing, sending, does);
  return routing.cluster.run(statement, (lease) => {
    keep(call, lease.held);
    return sendUnder(routing, lease, { ...sending, does }, send);
  });
}

/**
 * Sends a statement of an open transaction, to the transaction's own database.
 * @throws SluiceError `SLUICE_REPLICA_WRITE`, `SLUICE_SPLIT_WRITE`
 */
export function dispatchInside<T>(routing: Routing, lease: Lease, sending: Sending, send: Send<T>): Promise<T> {
  const { sql } = sending;
  const does = classify(sql, routing.engine);
  if (does === 'write' || does === 'locking') confine(routing, lease, sending);
  return sendUnder(routing, lease, { ...sending, does }, send);
}

/** Refuses a write that belongs elsewhere; of a flush, with all else that it writes, before any of it is sent. */
function confine(routing: Routing, lease: Lease, { sql, origin }: Sending): void {
  const call = callOf(routing);
  const flush = call?.flush?.();
  if (call === undefined || flush === undefined || !belongsTo(flush, origin?.meta)) {
    routing.cluster.confine(new Statement({ intent: 'write', sql, origin }), lease);
  } else if (call.confinedTo !== lease) {
    routing.cluster.confine(new Statement({ intent: 'write', sql, origin, flush }), lease);
    call.confinedTo = lease;
  }
}

/** A statement as the cluster sees it, and the call that it is a part of. */
interface Planned {
  readonly statement: Statement;
  readonly call: Call | undefined;
}

/** What a statement is: by the kind of its SQL, the kind of connection that was asked for, and the call around it. */
export function planned(routing: Routing, { sql, kind, origin }: Sending, does: StatementKind): Planned {
  const intent: Intent = does === 'read' ? 'read' : 'write';
  const around = callOf(routing);
  const flush = around?.flush?.();
  // a hook of a flush may write something that is none of it
  const call = intent === 'write' && flush !== undefined && !belongsTo(flush, origin?.meta) ? undefined : around;
  const writes = call === undefined ? undefined : flush;
  return { call, statement: new Statement({ intent, home: homeOf(), sql, origin, held: call?.held, flush: writes }) };

  function homeOf(): StatementInfo['home'] {
    if (intent === 'write') return undefined;
    if (kind === 'read') return undefined;
    return origin === undefined ? 'raw' : 'primary';
  }
}

async function sendUnder<T>(
  routing: Routing,
  lease: Lease,
  { sql, does }: Sending & { readonly does: StatementKind },
  send: Send<T>,
): Promise<T> {
  if (does === 'write') lease.writing();
  else lease.sending();
  try {
    const sent = send(routing.connection(lease.database.name));
    const result = await (does === 'read' && !lease.kept ? abandonable(lease, sent) : sent);
    if (does === 'write') lease.changed(rowsChanged(sql, result));
    return result;
  } catch (error) {
    if (lease.kept) routing.failedInside(lease, error);
    else if (neverSent(routing.engine, error)) lease.unsent();
    throw error;
  }
}
