import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A built program of the repository, in a process of its own. */
export class Program {
  /** What it said first: where it listens, or that it is ready. */
  readonly firstLine: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #errors: readonly string[];

  private constructor(child: ChildProcess, ended: Promise<number | null>, said: [firstLine: string, errors: string[]]) {
    this.#child = child;
    this.#ended = ended;
    [this.firstLine, this.#errors] = said;
  }

  /** Settles as soon as the program has said something; rejects if it ends before. */
  static async start(file: URL, env: Readonly<Record<string, string>>): Promise<Program> {
    const child = spawn(process.execPath, [fileURLToPath(file)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const errors: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const line = once(createInterface(child.stdout), 'line').then(([text]) => text as string);
    const firstLine = await Promise.race([line, ended]);
    if (typeof firstLine === 'string') return new Program(child, ended, [firstLine, errors]);
    throw new Error(`${file.pathname} ended with ${firstLine} before it said anything: ${errors.join('')}`);
  }

  /** What it wrote to standard error so far: nothing, if all is well. */
  get errors(): string {
    return this.#errors.join('');
  }

  /** Ends it as an operator does. Answers its exit code, or null if a signal ended it. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }
}
