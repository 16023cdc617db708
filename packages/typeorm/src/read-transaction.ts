import { show, SluiceError } from '@sluice/core';
import type { DataSource, EntityManager } from 'typeorm';
import type { RoutedRunner } from './routed-runner.js';
import { routingOf } from './routing.js';

export interface ReadTransactionOptions {
  /** Default: the server's. `SERIALIZABLE` runs on the primary, as standbys know no such transactions. */
  readonly isolation?: 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
}

/**
 * Runs `work` in one transaction that only reads: all of it on one database, chosen as for a read. A write inside is
 * refused with `SLUICE_REPLICA_WRITE` before it is sent to a replica, and by the server on a primary.
 * @throws SluiceError `SLUICE_CONFIG` if the data source is not routed
 */
export async function readTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  options: ReadTransactionOptions = {},
): Promise<T> {
  if (routingOf(dataSource) === undefined) {
    throw new SluiceError('SLUICE_CONFIG', `readTransaction got ${show(dataSource)}; give a RoutedDataSource`);
  }
  const runner = dataSource.createQueryRunner('slave');
  // 1.x has a level for all transactions of a data source
  const { isolationLevel } = dataSource.options as { readonly isolationLevel?: typeof options.isolation };
  const isolation = options.isolation ?? isolationLevel;
  (runner as unknown as RoutedRunner).readOnly(isolation);
  try {
    await runner.startTransaction(isolation);
    const result = await work(runner.manager);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}
