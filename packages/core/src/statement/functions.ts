import type { Engine } from '../engine.js';
import { MYSQL_FUNCTIONS } from './mysql-functions.js';
import { POSTGRES_FUNCTIONS } from './postgres-functions.js';

/** Functions known to be harmless, and type names that look like one. Anything else that is called may write. */
export const FUNCTIONS: Readonly<Record<Engine, ReadonlySet<string>>> = {
  mysql: MYSQL_FUNCTIONS,
  postgres: POSTGRES_FUNCTIONS,
};
