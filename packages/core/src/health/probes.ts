import type { Adapter } from '../adapter.js';
import type { Clock } from '../clock.js';
import type { Engine } from '../engine.js';
import { failureOf } from '../failure.js';
import { textOf } from './blame.js';
import { Prober } from './prober.js';
import type { Report } from './report.js';
import { probeTcp } from './tcp.js';
import type { Reading } from './verdict.js';

export interface ProbesOptions {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly adapter: Adapter;
  readonly probe: 'sql' | 'tcp' | 'off';
  /** Milliseconds after which a check of an open connection, or a TCP connect, counts as failed. */
  readonly timeoutMs: number;
}

/** A check that was answered. */
export interface Asked {
  /** Monotonic milliseconds. */
  readonly askedAt: number;
  /** How long its answer was waited for; undefined: a connection had to be opened first. */
  readonly waitedMs: number | undefined;
}

/** What a look out of turn may take: on an open connection, and where one has to be opened first. Milliseconds. */
const LOOK_MS = 100;
const LOOK_CONNECTING_MS = 500;
/** Opening a connection may take so many times what a check on an open one may. */
const CONNECTING = 4;

/** How the databases are checked: each by SQL on a connection of its own, or by a TCP connect. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #probers = new Map<string, Prober>();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** Whether checks tell more than that somebody listens. */
  get areSql(): boolean {
    return this.#options.probe === 'sql' && this.#options.adapter.reserve !== undefined;
  }

  add(name: string): void {
    const { adapter, engine } = this.#options;
    if (!this.areSql) return;
    this.#probers.set(
      name,
      new Prober({
        database: name,
        engine,
        reserve: (signal) =>
          adapter.reserve?.(name, signal) ?? Promise.reject(new Error('the adapter reserves nothing')),
      }),
    );
  }

  remove(name: string): void {
    this.#probers.get(name)?.close();
    this.#probers.delete(name);
  }

  /** Closes the connections; they are opened again when they are needed. */
  close(): void {
    for (const prober of this.#probers.values()) prober.close();
  }

  isConnected(name: string): boolean {
    return this.#probers.get(name)?.connected === true;
  }

  /** Milliseconds after which a check of this database that is not answered is a sign. A TCP probe ends by itself. */
  patienceMs(name: string): number {
    if (!this.areSql) return Infinity;
    return this.#options.timeoutMs * (this.isConnected(name) ? 1 : CONNECTING);
  }

  /** The same for a look at a database whose reads are not answered. */
  lookMs(name: string): number {
    return this.isConnected(name) ? LOOK_MS : LOOK_CONNECTING_MS;
  }

  /** Checks one database; `learn` makes a reading of what it says of itself. */
  async check(name: string, signal: AbortSignal, learn: (report: Report, asked: Asked) => Reading): Promise<Reading> {
    const { clock } = this.#options;
    const prober = this.#probers.get(name);
    if (prober === undefined) {
      const address = this.#options.adapter.address(name);
      return address === undefined ? { kind: 'alive' } : probeTcp(address, this.#options.timeoutMs, signal);
    }
    const { connected } = prober;
    const [askedAt, waitedAt] = [clock.now(), clock.waited()];
    try {
      const report = await prober.ask(signal);
      return learn(report, { askedAt, waitedMs: connected ? clock.waited() - waitedAt : undefined });
    } catch (error) {
      return this.#unanswered(name, error);
    }
  }

  #unanswered(name: string, error: unknown): Reading {
    switch (failureOf(this.#options.engine, error)) {
      case 'unusable':
        warnOfRefusal(name, textOf(error));
        return { kind: 'alive' };
      case 'overloaded': // it answers, and serves those who are connected
        return { kind: 'alive' };
      case 'unreachable':
        return { kind: 'refused', error: textOf(error) };
      default:
        return { kind: 'silent', error: textOf(error) };
    }
  }
}

/** A mistake in the configuration, which no other database can make good. */
export function warnOfRefusal(database: string, text: string): void {
  const code = 'SLUICE_UNUSABLE_DATABASE';
  process.emitWarning(`database ${database} refuses our connections: ${text}`, { code });
}
