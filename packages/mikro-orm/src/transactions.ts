import type { Lease } from '@sluice/core';
import { commitFailed, neverSent } from '@sluice/core';
import { abandonable } from './abandonable.js';
import { callOf, keep } from './calls.js';
import type { Sending } from './dispatch.js';
import { writesOf } from './flush.js';
import type { BeginOptions, Broadcaster, ConnectionInternals, TransactionContext } from './internals.js';
import { releaseLost } from './pools/lost.js';
import type { Routing } from './routing.js';
import { Statement } from './statement.js';

/** PostgreSQL's standbys know no stronger isolation, and MySQL's take locks for it. */
const STRICT = 'serializable';

/** Opens a transaction where the cluster says; a savepoint where its transaction is. */
export async function begin(
  routing: Routing,
  options: BeginOptions = {},
  from: Pick<Sending, 'kind' | 'origin'> = { kind: 'write', origin: undefined },
): Promise<TransactionContext> {
  const outer = options.ctx;
  if (outer !== undefined && outer !== null) {
    const lease = routing.leaseOf(outer);
    const trx = await connectionOf(routing, lease).begin(options);
    if (lease !== undefined) routing.remember(trx, lease);
    return trx;
  }
  routing.open();
  const declared = options.readOnly === true && options.isolationLevel?.toLowerCase() !== STRICT;
  // the transaction around one read, for what row level security has to know
  const readsOnly = declared || (from.kind === 'read' && options.sessionContext !== undefined);
  const em = options.eventBroadcaster?.em;
  const flush = em === undefined ? undefined : writesOf(routing, em);
  const call = callOf(routing);
  const held = flush === undefined && !readsOnly ? undefined : call?.held;
  const statement = new Statement({ intent: readsOnly ? 'read' : 'write', origin: from.origin, flush, held });
  const once = { ...options, eventBroadcaster: tellingOnce(options.eventBroadcaster) };
  const { lease, opened } = await routing.cluster.begin(statement, async (opening) => {
    opening.sending();
    try {
      const beginning = routing.connection(opening.database.name).raw.begin(once);
      return await begun(await (readsOnly ? abandonable(opening, beginning) : beginning));
    } catch (error) {
      if (neverSent(routing.engine, error)) opening.unsent();
      throw error;
    }
  });
  routing.remember(opened, lease, { readOnly: options.readOnly === true });
  keep(call, lease.held);
  if (call !== undefined && flush !== undefined) call.confinedTo = lease;
  return opened;
}

/** knex gives out a transaction whose BEGIN has failed, and tells of the failure beside it. */
async function begun(ctx: TransactionContext): Promise<TransactionContext> {
  if (ctx.isCompleted?.() === true) await ctx.executionPromise;
  return ctx;
}

/** @throws SluiceError `SLUICE_OUTCOME_UNKNOWN` */
export async function commit(
  routing: Routing,
  ctx: TransactionContext,
  ...more: [Broadcaster?, unknown?]
): Promise<void> {
  const lease = routing.leaseOf(ctx);
  const connection = connectionOf(routing, lease);
  if (lease === undefined || isSavepoint(ctx)) return connection.commit(ctx, ...more);
  try {
    await connection.commit(ctx, ...more);
  } catch (error) {
    routing.failedInside(lease, error);
    const told = commitFailed(routing.engine, lease, error);
    if (told !== error) await releaseLost(ctx);
    throw told;
  }
  lease.end('committed');
  return undefined;
}

export async function rollback(
  routing: Routing,
  ctx: TransactionContext,
  ...more: [Broadcaster?, unknown?]
): Promise<void> {
  const lease = routing.leaseOf(ctx);
  const connection = connectionOf(routing, lease);
  if (lease === undefined || isSavepoint(ctx)) return connection.rollback(ctx, ...more);
  try {
    await connection.rollback(ctx, ...more);
  } catch {
    // the server has rolled it back when the connection went, which the caller knows from the statement that failed
    await releaseLost(ctx);
  } finally {
    lease.end('rolled-back');
  }
  return undefined;
}

/** The connection that a transaction runs on; one that is none of ours brings its own. */
function connectionOf(routing: Routing, lease: Lease | undefined): ConnectionInternals {
  return (lease === undefined ? routing.primary : routing.connection(lease.database.name)).raw;
}

function isSavepoint(ctx: TransactionContext): boolean {
  return 'savepointName' in ctx;
}

/** Subscribers hear once that a transaction starts, however many databases are tried. */
function tellingOnce(broadcaster: Broadcaster | undefined): Broadcaster | undefined {
  if (broadcaster === undefined) return undefined;
  const told = new Set<string>();
  const dispatchEvent = async (event: string, ...details: unknown[]): Promise<unknown> => {
    if (event === 'beforeTransactionStart' && told.has(event)) return undefined;
    told.add(event);
    return broadcaster.dispatchEvent(event, ...details);
  };
  return Object.create(broadcaster, { dispatchEvent: { value: dispatchEvent } }) as Broadcaster;
}
