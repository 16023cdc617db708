import { spawn } from 'node:child_process';

import type { Account } from './account.js';

export interface RunOptions {
  /** Text for the command's standard input. Default: none. */
  readonly input?: string;
  /** The account to run as. Default: ours. */
  readonly account?: Account | undefined;
  readonly cwd?: string;
}

/** Runs a command to its end; answers its standard output, or throws with everything it printed. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd ?? '/', stdio: 'pipe', ...options.account });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${file} ended with ${code ?? signal}:\n${lastLines(out + errors)}`));
    });
    child.stdin.on('error', () => {}); // EPIPE: the command ended before it had read everything, `close` says why
    child.stdin.end(options.input ?? '');
  });
}

/** The end of a log, short enough for an error message. */
export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
