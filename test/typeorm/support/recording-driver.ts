import * as mysql from 'mysql2';
import pg from 'pg';
import type { EngineUnderTest } from './engines.js';

/** What a driver was asked to make a pool with. */
export type PoolOptions = Readonly<Record<string, unknown>>;

export interface RecordingDriver {
  /** For TypeORM's options. */
  readonly options: object;
  /** What pools were made with, in order. */
  readonly pools: PoolOptions[];
}

/** A driver for TypeORM's `driver` option that keeps the options of its pools, and is the real one otherwise. */
export function recordingDriver(engine: EngineUnderTest): RecordingDriver {
  const pools: PoolOptions[] = [];
  if (engine === 'mariadb') {
    const createPool = (options: mysql.PoolOptions): mysql.Pool => {
      pools.push({ ...options });
      return mysql.createPool(options);
    };
    const createPoolCluster = (options: mysql.PoolClusterOptions): mysql.PoolCluster => {
      const cluster = mysql.createPoolCluster(options);
      const add = cluster.add.bind(cluster) as (name: string, member: mysql.PoolOptions) => void;
      return Object.assign(cluster, {
        add(name: string, member: mysql.PoolOptions): void {
          pools.push({ ...member });
          add(name, member);
        },
      });
    };
    // TypeORM 0.3 asks which of two packages it was given
    return { options: { driver: { ...mysql, createPool, createPoolCluster }, connectorPackage: 'mysql2' }, pools };
  }
  class Pool extends pg.Pool {
    constructor(options?: pg.PoolConfig) {
      super(options);
      pools.push({ ...options });
    }
  }
  return { options: { driver: { ...pg, Pool } }, pools };
}
