import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import type { Account } from './account.js';
import { childrenOf, isGone, isStopped, signal } from './processes.js';
import { lastLines } from './run.js';
import { until } from './until.js';

/** How a server is started. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** The account to run as. Default: ours. */
  readonly account?: Account | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Its working folder, which must be its own: the reaper recognises a server by it. */
  readonly cwd: string;
  readonly log: string;
}

/** The kernel then kills the server in the moment our process dies, whatever it died of. */
function diesWithUs(): readonly string[] {
  hasSetpriv ??= process.platform === 'linux' && spawnSync('setpriv', [...DEATH_SIGNAL, 'true']).status === 0;
  return hasSetpriv ? ['setpriv', ...DEATH_SIGNAL] : []; // elsewhere the reaper does it, a moment later
}

const DEATH_SIGNAL: readonly string[] = ['--pdeathsig', 'KILL', '--'];
let hasSetpriv: boolean | undefined;

/** A running database server: its process and the processes that one has started. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly exited: Promise<void>;
  #ended: string | undefined;

  constructor(launch: Launch) {
    this.#log = launch.log;
    const log = openSync(launch.log, 'a');
    const [file = launch.file, ...args] = [...diesWithUs(), launch.file, ...launch.args];
    this.#child = spawn(file, args, {
      cwd: launch.cwd,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...launch.env },
      ...launch.account,
    });
    closeSync(log);
    this.exited = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#ended ??= how;
        resolve();
      };
      this.#child.once('exit', (code, name) => end(code === null ? `signal ${name}` : `exit code ${code}`));
      this.#child.once('error', (error) => end(error.message));
    });
    this.#child.unref(); // a cluster that nobody stopped must not keep the process alive: it dies with it
  }

  /** How the process ended; undefined while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The last lines the server wrote, for an error message. */
  get lastWords(): string {
    return lastLines(readFileSync(this.#log, 'utf8'));
  }

  /** Asks the server itself. */
  signal(name: NodeJS.Signals): void {
    if (this.#ended === undefined && this.#child.pid !== undefined) signal(this.#child.pid, name);
  }

  /** SIGSTOP to the first process first, so that it cannot start another behind our back. */
  async freeze(): Promise<void> {
    this.signal('SIGSTOP');
    const all = this.#all();
    for (const pid of all) signal(pid, 'SIGSTOP');
    await until(() => all.every(isStopped), { what: 'every process of the server is stopped', everyMs: 1 });
  }

  thaw(): void {
    for (const pid of this.#all().toReversed()) signal(pid, 'SIGCONT');
  }

  /** Resolves when no process of the server is left. */
  async kill(): Promise<void> {
    this.signal('SIGSTOP');
    const all = this.#all();
    for (const pid of all) signal(pid, 'SIGKILL');
    await this.#exit();
    await until(() => all.every(isGone), { what: 'every process of the server is gone', everyMs: 1 });
  }

  /** Sends the signal that asks for an orderly end, and SIGKILL when it has not ended in time. */
  async end({ signal: name, patienceMs }: { signal: NodeJS.Signals; patienceMs: number }): Promise<void> {
    this.thaw();
    this.signal(name);
    const patience = setTimeout(() => void this.kill(), patienceMs);
    await this.#exit();
    clearTimeout(patience);
  }

  async #exit(): Promise<void> {
    this.#child.ref();
    await this.exited;
  }

  #all(): readonly number[] {
    const pid = this.#child.pid;
    return this.#ended !== undefined || pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }
}
