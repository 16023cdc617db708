import { available, type ClusterOptions } from '@sluice/testbed';

export interface EngineCase {
  /** For the title of a test. */
  readonly title: string;
  readonly options: ClusterOptions;
  /** What a primary and two replicas may take to start on an idle machine. */
  readonly targetMs: number;
}

const cases: readonly EngineCase[] = [
  { title: 'MariaDB', options: { engine: 'mariadb' }, targetMs: 2_000 },
  { title: 'PostgreSQL', options: { engine: 'postgres', binaries: 'system' }, targetMs: 3_000 },
  { title: 'PostgreSQL from npm', options: { engine: 'postgres', binaries: 'npm' }, targetMs: 3_000 },
  { title: 'MySQL', options: { engine: 'mysql' }, targetMs: 10_000 },
];

const canStart = ({ options }: EngineCase): boolean => available(options.engine, options);

/** What this machine has; that the rest is refused with a clear error is a test of its own. */
export const engines: readonly EngineCase[] = cases.filter(canStart);
export const missingEngines: readonly EngineCase[] = cases.filter((each) => !canStart(each));
