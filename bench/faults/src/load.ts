import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rates } from './asks.js';
import { now } from './clock.js';
import type { Contender } from './contenders.js';
import { OpenLoop } from './open-loop.js';
import { Recorder } from './recorder.js';
import type { Trace } from './trace.js';

/** The users of one contender: some read, some write and read back what they wrote. None waits for another. */
export class Load {
  readonly #contender: Contender;
  readonly #recorder = new Recorder();
  readonly #loops: readonly OpenLoop[];
  #stopped = false;

  constructor(contender: Contender, { readsPerSecond, writesPerSecond }: Rates) {
    this.#contender = contender;
    if (contender.cluster !== undefined) this.#recorder.listenTo(contender.cluster);
    const inRequest = (work: () => Promise<void>): void => void contender.request(work);
    this.#loops = [
      new OpenLoop({ perSecond: readsPerSecond, send: (dueMs) => inRequest(() => this.#read(dueMs)) }),
      new OpenLoop({ perSecond: writesPerSecond, send: (dueMs) => inRequest(() => this.#writeAndReadBack(dueMs)) }),
    ];
  }

  /** Sends no more, and waits for what is under way, but not longer than `patienceMs`. */
  async stop(patienceMs: number, unhandled: Trace['unhandled']): Promise<Trace> {
    for (const loop of this.#loops) loop.stop();
    this.#stopped = true;
    const deadline = now() + patienceMs;
    while (!this.#recorder.isIdle && now() < deadline) await sleep(5);
    return this.#recorder.trace({ ...unhandled });
  }

  async #read(dueMs: number): Promise<void> {
    const ended = this.#recorder.began({ kind: 'read', dueMs });
    try {
      ended({ outcome: 'answered', servedBy: await this.#contender.read() });
    } catch (error) {
      ended({ outcome: 'failed', error: textOf(error) });
    }
  }

  async #writeAndReadBack(dueMs: number): Promise<void> {
    const token = randomUUID();
    const written = this.#recorder.began({ kind: 'write', dueMs, token });
    try {
      await this.#contender.write(token);
      written({ outcome: 'answered' });
    } catch (error) {
      return written({ outcome: 'failed', error: textOf(error) });
    }
    if (this.#stopped) return;
    const ended = this.#recorder.began({ kind: 'own read', dueMs: now() });
    try {
      const servedBy = await this.#contender.readBack(token);
      ended(servedBy === undefined ? { outcome: 'stale' } : { outcome: 'answered', servedBy });
    } catch (error) {
      ended({ outcome: 'failed', error: textOf(error) });
    }
  }
}

/** Short, and the same for the same kind of error. */
function textOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : String(message).replaceAll(/\d+/g, '#');
}
