import type { ChildProcess, Serializable } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/**
 * A contender in a process of its own: so that none runs in code that was compiled for another, or pays for what another
 * has patched or switched on. It is asked one thing at a time.
 */
export class ContenderProcess<Ask extends Serializable, Answer> {
  readonly #name: string;
  readonly #child: ChildProcess;
  /** Resolves when it has ended, whenever that is. */
  readonly #ended: Promise<{ readonly error: string }>;

  /** `file` calls {@link answering}. */
  constructor(name: string, file: URL, args: readonly string[]) {
    this.#name = name;
    this.#child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#ended = once(this.#child, 'exit').then(
      ([code, signal]) => ({ error: `it ended with ${String(code ?? signal)}` }),
      (error: unknown) => ({ error: String(error) }),
    );
  }

  async ask(ask: Ask): Promise<Answer> {
    const child = this.#child;
    const over = new AbortController();
    const { signal } = over;
    const answered = once(child, 'message', { signal }).then(([reply]) => reply as Reply<Answer>);
    child.send(ask);
    const reply = await Promise.race([answered, this.#ended]);
    over.abort();
    await Promise.allSettled([answered]);
    if ('answer' in reply) return reply.answer;
    throw new Error(`${this.#name}: ${reply.error}`);
  }

  /** Asks nothing any more; answers whether it ended by itself in time. */
  async leave(withinMs: number): Promise<boolean> {
    if (this.#child.connected) this.#child.disconnect();
    const patience = new AbortController();
    const late = sleep(withinMs, false, { signal: patience.signal }).catch(() => false);
    const inTime = await Promise.race([this.#ended.then(() => true), late]);
    patience.abort();
    return inTime;
  }

  /** Ends it, whatever it is at. */
  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Answers what this process is asked by the one that started it. */
export function answering(answerTo: (ask: never) => Promise<unknown>): void {
  process.on('message', (ask: unknown) => {
    const told = (reply: Reply<unknown>): void => void process.send?.(reply);
    answerTo(ask as never).then(
      (answer) => told({ answer }),
      (error: unknown) => told({ error: String(error) }),
    );
  });
}
