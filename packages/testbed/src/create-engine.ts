import type { ClusterOptions } from './cluster-options.js';
import type { Engine } from './engine.js';
import { galeraEngine } from './galera/galera-engine.js';
import { mariadbEngine } from './mariadb/mariadb-engine.js';
import { mysqlEngine } from './mysql/mysql-engine.js';
import { postgresEngine } from './postgres/postgres-engine.js';

/** Finds the binaries of an engine, or throws TESTBED_MISSING_ENGINE. */
export function createEngine(options: ClusterOptions): Engine {
  const { engine, maxConnections = 100, binaries } = options;
  switch (engine) {
    case 'mariadb':
      return mariadbEngine({ maxConnections });
    case 'postgres':
      return postgresEngine({ maxConnections, binaries });
    case 'mysql':
      return mysqlEngine({ maxConnections });
    case 'galera':
      return galeraEngine({ maxConnections });
  }
}
