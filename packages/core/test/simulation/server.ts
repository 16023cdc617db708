import type { Engine } from '../../src/engine.js';
import type { Row } from '../support/servers.js';
import { mariadbRow, postgresRow } from '../support/servers.js';
import type { SimulationClock } from './clock.js';
import { errors } from './errors.js';

/** What a statement does at a server: answers, or throws as the server would. */
export type Work<T> = (server: Server) => T;

interface Written {
  readonly id: string;
  readonly at: number;
}

export interface ServerOptions {
  readonly name: string;
  readonly engine: Engine;
  readonly clock: SimulationClock;
  /** Whether the user of the checks may ask for more than the role. */
  readonly privileged: boolean;
}

/** One server of the simulated cluster, as it really is; what the cluster believes of it is another thing. */
export class Server {
  readonly name: string;
  readonly #options: ServerOptions;
  state: 'running' | 'frozen' | 'stopped' = 'running';
  writable = false;
  /** The server whose writes it applies. */
  source: Server | undefined;
  /** Whether it ever applied those of another. */
  fed = false;
  timeline = 1;
  /** Milliseconds that it is behind its source. */
  delayMs = 0;
  /** How many times longer than usual it takes. */
  slowness = 1;
  /** Whether it has no connection to spare. */
  full = false;
  /** Whether nobody listens for new connections, though those that are open serve. */
  deaf = false;
  /** Whether the cluster was told to give it nothing new. */
  drained = false;
  /** Grows with each start. */
  starts = 1;
  /** When something last befell it that a client can notice. */
  troubledAt = -Infinity;
  readonly #connections = new Set<{ broken(): void }>();
  #log: Written[] = [];
  #holds = new Set<string>();
  #thaw: (() => void)[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
    this.name = options.name;
  }

  get engine(): Engine {
    return this.#options.engine;
  }

  /** Whether it has been well since `sinceMs`, so that whoever asks is served. */
  wellSince(sinceMs: number): boolean {
    return this.#isWell && this.troubledAt < sinceMs;
  }

  get #isWell(): boolean {
    return this.state === 'running' && !this.full && !this.deaf && this.slowness === 1;
  }

  /** Something befalls it, or has ended. */
  trouble(change: () => void): void {
    change();
    this.troubledAt = this.#options.clock.now();
  }

  attach(connection: { broken(): void }): void {
    this.#connections.add(connection);
  }

  detach(connection: { broken(): void }): void {
    this.#connections.delete(connection);
  }

  /** Every connection ends, and whatever is under way on it. */
  reset(): void {
    this.trouble(() => {
      for (const connection of this.#connections) connection.broken();
      this.#connections.clear();
    });
  }

  stop(): void {
    this.#apply();
    this.trouble(() => {
      this.state = 'stopped';
      this.#thaw = [];
    });
    this.reset();
  }

  start(): void {
    if (this.state !== 'stopped') return;
    this.trouble(() => {
      this.state = 'running';
      this.starts += 1;
    });
  }

  freeze(): void {
    if (this.state === 'running') this.trouble(() => (this.state = 'frozen'));
  }

  thaw(): void {
    if (this.state !== 'frozen') return;
    this.trouble(() => (this.state = 'running'));
    const waiting = this.#thaw;
    this.#thaw = [];
    for (const go of waiting) go();
  }

  /** Goes on at once, or when it is no longer frozen; never, if it stops first. */
  whenAwake(go: () => void): void {
    if (this.state === 'frozen') this.#thaw.push(go);
    else if (this.state === 'running') go();
  }

  /** It takes writes from now on. */
  promote(timeline: number): void {
    this.#apply();
    this.source = undefined;
    this.timeline = timeline;
    this.trouble(() => (this.writable = true));
  }

  /** It applies what another one writes, and gives up what that one does not hold. */
  follow(source: Server): void {
    this.source = source;
    this.fed = true;
    this.timeline = source.timeline;
    this.writable = false;
    this.trouble(() => {
      let common = 0;
      while (common < this.#log.length && this.#log[common]?.id === source.#log[common]?.id) common += 1;
      this.#log = this.#log.slice(0, common);
      this.#holds = new Set(this.#log.map(({ id }) => id));
    });
  }

  holds(id: string): boolean {
    this.#apply();
    return this.#holds.has(id);
  }

  /** @throws as a server that is read only */
  write(id: string): void {
    if (!this.writable) throw errors(this.engine).readOnly();
    this.#append({ id, at: this.#options.clock.now() });
  }

  /** What it answers to a check. */
  describe(sql: string): Row {
    this.#apply();
    const { engine, privileged } = this.#options;
    const whole = sql.includes('AS server');
    if (whole && !privileged) throw errors(engine).forbidden();
    const count = this.#log.length;
    if (engine === 'postgres') {
      const standby = !this.writable;
      if (!whole) return { standby };
      const server = `${this.name} ${this.starts}`;
      return postgresRow({
        standby,
        server,
        position: String(1_000 + count),
        timeline: standby ? null : this.timeline,
      });
    }
    const ro = this.writable ? 0 : 1;
    if (!whole) return { ro };
    const gtid = count === 0 ? '' : `0-1-${count}`;
    const running = this.source === undefined ? '0' : '1';
    return mariadbRow({ ro, server: this.name, reached: gtid, applied: this.fed ? gtid : '', running });
  }

  /** Takes over what its source has written, as of its delay. */
  #apply(): void {
    const { source } = this;
    if (source === undefined || this.state !== 'running' || source.state === 'stopped') return;
    const until = this.#options.clock.now() - this.delayMs;
    for (;;) {
      const next = source.#log[this.#log.length];
      if (next === undefined || next.at > until) return;
      this.#append(next);
    }
  }

  #append(written: Written): void {
    this.#log.push(written);
    this.#holds.add(written.id);
  }
}
