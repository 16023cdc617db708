import { wordSet } from './word-set.js';

/** MySQL's system variables that tell what their connection did before: read elsewhere, they would answer wrongly. */
const OF_CONNECTION = wordSet(
  `error_count identity insert_id last_gtid last_insert_id pseudo_thread_id rand_seed1 rand_seed2 warning_count
   wsrep_last_written_gtid`,
);
const OF_SERVER = wordSet('global persist persist_only');

/** `name` or `scope.name`, as behind `@@`. */
export function isOfConnection(setting: string): boolean {
  return OF_CONNECTION.has(setting.slice(setting.lastIndexOf('.') + 1));
}

export function isOfServer(setting: string): boolean {
  return OF_SERVER.has(setting.slice(0, Math.max(setting.indexOf('.'), 0)));
}
