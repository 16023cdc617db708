import type { Adapter } from '../../src/adapter.js';
import { Cluster } from '../../src/cluster.js';
import type { ClusterOptions } from '../../src/config.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import type { Line, Row } from './servers.js';
import { line, mariadbRow } from './servers.js';

/** What a server answers to a check: a row, an error, or nothing at all. */
type Answer = Row | Error | 'silence';

export interface Probed {
  readonly cluster: Cluster;
  readonly clock: ManualClock;
  /** By database; a test changes what they answer from now on. */
  readonly answers: Record<string, Answer>;
  /** The connections that were reserved for checks, in order. */
  readonly lines: { readonly database: string; readonly line: Line }[];
  readonly discarded: string[];
  /** How the health of databases has changed, such as `replica-1 is down`. */
  readonly changes: string[];
}

/** As MariaDB answers. */
export const PRIMARY = mariadbRow();
export const REPLICA = mariadbRow({ ro: 1, applied: '0-1-10', running: '1' });

/** An open cluster whose databases are asked by SQL, on a clock that stands still. */
export function probed(options: Partial<ClusterOptions> = {}, more: Partial<Adapter> = {}): Probed {
  const clock = options.clock instanceof ManualClock ? options.clock : new ManualClock();
  const databases = options.databases ?? { default: {}, 'replica-1': {}, 'replica-2': {} };
  const answers: Record<string, Answer> = {};
  for (const name of Object.keys(databases)) {
    answers[name] = name === 'default' ? PRIMARY : { ...REPLICA, server: name };
  }
  const lines: Probed['lines'] = [];
  const discarded: string[] = [];
  const changes: string[] = [];
  const answer = (database: string) => (): Row | Promise<Row> => {
    const said = answers[database] ?? REPLICA;
    if (said === 'silence') return new Promise(() => {});
    return said instanceof Error ? Promise.reject(said) : said;
  };
  const adapter: Adapter = {
    address: () => undefined,
    discard: (database) => void discarded.push(database),
    reserve: (database, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('the check was given up')));
        const opened = line(answer(database));
        lines.push({ database, line: opened });
        resolve(opened);
      }),
    ...more,
  };
  const cluster = new Cluster(
    { engine: 'mysql', router: 'ReplicaRouter', slowStartMs: 0, ...options, databases, clock },
    adapter,
  );
  cluster.on('health', ({ database, health }) => changes.push(`${database} is ${health}`));
  cluster.open();
  return { cluster, clock, answers, lines, discarded, changes };
}
