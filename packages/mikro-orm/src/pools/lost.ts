import type { KyselyTransaction, TransactionContext } from '../internals.js';

/**
 * Gives back the connection of a transaction whose COMMIT or ROLLBACK failed: Kysely keeps it for ever, and with it a
 * place in the pool. knex gives it back by itself.
 */
export async function releaseLost(ctx: TransactionContext): Promise<void> {
  const transaction = ctx as Partial<KyselyTransaction>;
  if (typeof transaction.getExecutor !== 'function') return;
  try {
    const connection = await transaction.getExecutor().provideConnection(async (own) => own);
    const prototype = Object.getPrototypeOf(connection) as Record<symbol, unknown>;
    for (const symbol of Object.getOwnPropertySymbols(prototype)) {
      const method = prototype[symbol];
      if (typeof method === 'function' && method.length === 0) method.call(connection);
    }
  } catch {
    // it was given back already
  }
}
