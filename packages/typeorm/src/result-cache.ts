import { currentFrame, runInFrame, withoutPinning } from '@sluice/core';
import type { DataSource, QueryRunner } from 'typeorm';

/** The subset of TypeORM's `QueryResultCache` that is routed. */
interface ResultCache {
  getFromCache(options: object, runner?: QueryRunner): Promise<unknown>;
  storeInCache(options: object, saved: unknown, runner?: QueryRunner): Promise<unknown>;
  clear(runner?: QueryRunner): Promise<void>;
  remove(identifiers: readonly string[], runner?: QueryRunner): Promise<void>;
}

const TABLE_CACHE = 'DbQueryResultCache';

/**
 * The table of the query result cache is written on the primary, so it is looked up there too: a replica that is
 * behind would miss what was just stored, and store it twice. Bookkeeping pins no session and heeds no scope.
 */
export function routeResultCache(dataSource: DataSource): void {
  const cache = dataSource.queryResultCache as unknown as ResultCache | undefined;
  if (cache?.constructor.name !== TABLE_CACHE) return;
  const stock = {
    get: cache.getFromCache.bind(cache),
    store: cache.storeInCache.bind(cache),
    clear: cache.clear.bind(cache),
    remove: cache.remove.bind(cache),
  };
  cache.getFromCache = async (options, runner) => {
    if (runner?.isTransactionActive === true) return stock.get(options, runner);
    return bookkeeping(() => onRunner(dataSource, undefined, (own) => stock.get(options, own)));
  };
  cache.storeInCache = (options, saved, runner) => bookkeeping(() => stock.store(options, saved, runner));
  // on a runner that is given back: TypeORM 0.3 keeps the one that it clears with
  cache.clear = (runner) => bookkeeping(() => onRunner(dataSource, runner, stock.clear));
  cache.remove = (identifiers, runner) =>
    bookkeeping(() => onRunner(dataSource, runner, (own) => stock.remove(identifiers, own)));
}

function bookkeeping<T>(work: () => T): T {
  return runInFrame({ ...currentFrame(), placement: undefined }, () => withoutPinning(work));
}

async function onRunner<T>(
  dataSource: DataSource,
  given: QueryRunner | undefined,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  if (given !== undefined) return work(given);
  const runner = dataSource.createQueryRunner('master');
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}
