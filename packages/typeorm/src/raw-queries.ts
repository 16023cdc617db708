import { DataSource, type QueryRunner } from 'typeorm';
import type { RoutedRunner } from './routed-runner.js';
import { patch } from './patch.js';
import { routingOf } from './routing.js';

type QueryArguments = [sql: string, parameters?: unknown, queryRunner?: QueryRunner];

/**
 * Marks raw SQL that brings no query runner of its own. On the prototype, as typeorm-transactional calls it there.
 */
export function patchRawQueries(): void {
  patch<DataSource, QueryArguments, Promise<unknown>>(
    DataSource.prototype,
    'query',
    (stock) =>
      async function query(sql, parameters, queryRunner) {
        if (queryRunner !== undefined || routingOf(this) === undefined)
          return stock.call(this, sql, parameters, queryRunner);
        const runner = this.createQueryRunner();
        (runner as unknown as RoutedRunner).calls.comesFrom({ raw: true });
        try {
          return await stock.call(this, sql, parameters, runner);
        } finally {
          await runner.release();
        }
      },
  );
}
