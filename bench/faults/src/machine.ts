import { startCluster } from '@sluice/testbed';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import type { OrmName } from './contenders.js';
import type { EngineName } from './place.js';

/** On what the figures were found; they hold for that. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  /** Names with versions. */
  readonly engines: readonly string[];
  readonly orms: readonly string[];
  /** Of the last minute, before the benchmark began. */
  readonly loadAverage: number;
}

const ENGINES: Readonly<Record<EngineName, string>> = { mariadb: 'MariaDB', postgres: 'PostgreSQL' };
const ORMS: Readonly<Record<OrmName, readonly [title: string, module: string]>> = {
  typeorm: ['TypeORM', 'typeorm'],
  'mikro-orm': ['MikroORM', '@mikro-orm/core'],
};

export async function machine(engines: readonly EngineName[], orms: readonly OrmName[]): Promise<Machine> {
  const loadAverage = loadavg()[0] ?? Number.NaN;
  const named: string[] = [];
  for (const engine of engines) named.push(`${ENGINES[engine]} ${await versionOf(engine)}`);
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    engines: named,
    orms: orms.map((orm) => `${ORMS[orm][0]} ${installed(ORMS[orm][1])}`),
    loadAverage,
  };
}

async function versionOf(engine: EngineName): Promise<string> {
  await using cluster = await startCluster({ engine, replicas: 0 });
  const [row] = await cluster.primary.query('SELECT version() AS version');
  return /\d+(\.\d+)+/.exec(String(row?.['version']))?.[0] ?? 'of an unknown version';
}

/** Not every package exports its package.json, so it is looked for above what the package's name leads to. */
function installed(module: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(module));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (name === module && version !== undefined) return version;
    } catch {
      continue;
    }
  }
  throw new Error(`${module} is not installed`);
}
