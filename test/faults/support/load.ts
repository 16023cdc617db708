import type { Answer, Routed } from './routed.js';
import { ROWS } from './stage.js';
import { until } from '../../typeorm/support/until.js';

export interface Read {
  readonly at: number;
  readonly ms: number;
  readonly port: number;
}

/** Reads that come at a fixed rate, whatever becomes of those before them. */
export class Load {
  readonly reads: Read[] = [];
  readonly failures: unknown[] = [];
  /** Answers to another question than the one that was asked. */
  readonly mixedUp: string[] = [];
  readonly #routed: Routed;
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #ended = 0;

  constructor(routed: Routed, { perSecond = 100 }: { readonly perSecond?: number } = {}) {
    this.#routed = routed;
    this.#timer = setInterval(() => void this.#read(), 1_000 / perSecond);
  }

  get slowestMs(): number {
    return Math.max(0, ...this.reads.map(({ ms }) => ms));
  }

  /** Ports that answered what was asked for since then; monotonic milliseconds. */
  portsSince(at: number): ReadonlySet<number> {
    return new Set(this.reads.filter((read) => read.at >= at).map(({ port }) => port));
  }

  /** Waits until so many reads that came from now on have ended. */
  async more(reads: number): Promise<void> {
    const goal = this.#sent + reads;
    await until(`${reads} more reads`, () => this.#ended >= goal);
  }

  /** Waits until a server has answered a read that was asked from now on. */
  async servedBy(port: number): Promise<void> {
    const since = performance.now();
    await until(`the server at ${port} answers a read`, () => this.portsSince(since).has(port));
  }

  /** Asks no more, and waits for what was asked. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await until('every read has ended', () => this.#ended === this.#sent);
  }

  async #read(): Promise<void> {
    this.#sent += 1;
    const id = 1 + (this.#sent % ROWS);
    const at = performance.now();
    try {
      const answer: Answer = await this.#routed.read(id);
      if (answer.id !== id) this.mixedUp.push(`asked for ${id}, got ${answer.id}`);
      this.reads.push({ at, ms: performance.now() - at, port: answer.port });
    } catch (error) {
      this.failures.push(error);
    }
    this.#ended += 1;
  }
}
