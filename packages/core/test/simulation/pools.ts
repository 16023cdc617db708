import type { Adapter, ProbeConnection } from '../../src/adapter.js';
import type { SimulationClock } from './clock.js';
import type { Chance } from './chance.js';
import { errors } from './errors.js';
import type { Server, Work } from './server.js';

/** Milliseconds of one way through the network. */
const WAY_MS = 0.5;
/** As drivers do by themselves, if nobody gives up before. */
const CONNECT_TIMEOUT_MS = 10_000;

/** One connection to a server. What it has not answered when it ends is never answered. */
export class Connection {
  readonly server: Server;
  readonly #clock: SimulationClock;
  readonly #starts: number;
  #open = true;
  #fail: ((error: Error) => void) | undefined;

  constructor(server: Server, clock: SimulationClock) {
    this.server = server;
    this.#clock = clock;
    this.#starts = server.starts;
    server.attach(this);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Sends a statement. Whether the server does it does not depend on whether anybody still waits. */
  send<T>(work: Work<T>, serviceMs: number): Promise<T> {
    const { server } = this;
    return new Promise<T>((resolve, reject) => {
      const lost = (): void => reject(errors(server.engine).lost());
      if (!this.#open) {
        lost();
        return;
      }
      this.#fail = reject;
      const reply = (settle: () => void): void =>
        this.#clock.later(WAY_MS, () => {
          if (!this.#open) return;
          this.#fail = undefined;
          settle();
        });
      const execute = (): void => {
        if (this.#starts !== server.starts) return;
        try {
          const answer = work(server);
          reply(() => resolve(answer));
        } catch (error) {
          reply(() => reject(error as Error));
        }
      };
      this.#clock.later(WAY_MS, () => {
        if (this.#starts !== server.starts) return;
        server.whenAwake(() => this.#clock.later(serviceMs * server.slowness, () => server.whenAwake(execute)));
      });
    });
  }

  /** The server, or the way to it, is gone; the client hears of it a little later. */
  broken(): void {
    this.#clock.later(WAY_MS, () => this.close(errors(this.server.engine).lost()));
  }

  close(reason: Error = errors(this.server.engine).lost()): void {
    if (!this.#open) return;
    this.#open = false;
    this.server.detach(this);
    const fail = this.#fail;
    this.#fail = undefined;
    fail?.(reason);
  }
}

/** Connections as an adapter keeps them: a pool for each server, and one for checks. */
export class Pools implements Adapter {
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #clock: SimulationClock;
  readonly #chance: Chance;
  readonly #idle = new Map<string, Connection[]>();
  /** Those that are open, of statements and of checks. */
  readonly connections = new Set<Connection>();
  /** Ends an attempt to open one. */
  readonly #opening = new Set<(reason: Error) => void>();
  #closed = false;

  constructor(servers: ReadonlyMap<string, Server>, clock: SimulationClock, chance: Chance) {
    this.#servers = servers;
    this.#clock = clock;
    this.#chance = chance;
  }

  address(): undefined {
    return undefined;
  }

  /** A connection to use, and who to tell when it is no longer needed. */
  async take(name: string, signal: AbortSignal): Promise<Connection> {
    for (;;) {
      const idle = this.#idle.get(name)?.pop();
      if (idle === undefined) return this.#connect(name, signal);
      if (idle.open) return idle;
    }
  }

  release(connection: Connection): void {
    const { name } = connection.server;
    if (this.#closed) this.#end(connection);
    else if (connection.open) this.#idle.set(name, [...(this.#idle.get(name) ?? []), connection]);
    else this.connections.delete(connection);
  }

  /** Closes a connection that is of no more use. */
  drop(connection: Connection, reason?: Error): void {
    this.#end(connection, reason);
  }

  discard(name: string): void {
    for (const connection of this.#idle.get(name) ?? []) this.#end(connection);
    this.#idle.delete(name);
  }

  async reserve(name: string, signal: AbortSignal): Promise<ProbeConnection> {
    const connection = await this.#connect(name, signal);
    return {
      query: async (sql) => [await connection.send((server) => server.describe(sql), 0.2)],
      close: () => this.#end(connection),
    };
  }

  /** Ends everything, also what is under way. */
  close(): void {
    this.#closed = true;
    const reason = Object.assign(new Error('the pool is closed'), { code: 'SLUICE_CLOSED' });
    for (const connection of this.connections) this.#end(connection, reason);
    for (const fail of this.#opening) fail(reason);
  }

  #connect(name: string, signal: AbortSignal): Promise<Connection> {
    const server = this.#servers.get(name);
    if (server === undefined) throw new Error(`no server is named ${name}`);
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (done: () => void): void => {
        if (settled) return;
        settled = true;
        cancel();
        signal.removeEventListener('abort', abort);
        this.#opening.delete(fail);
        done();
      };
      const fail = (reason: Error): void => settle(() => reject(reason));
      const abort = (): void => fail(signal.reason as Error);
      const timeout = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
      const cancel = this.#clock.after(CONNECT_TIMEOUT_MS, () => fail(timeout));
      this.#opening.add(fail);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) {
        abort();
        return;
      }
      const wayMs = 2 * WAY_MS + this.#chance.next();
      this.#clock.later(wayMs, () => {
        if (server.state === 'stopped' || server.deaf) {
          fail(errors(server.engine).refused());
          return;
        }
        const { starts } = server;
        server.whenAwake(() =>
          this.#clock.later(wayMs, () =>
            settle(() => {
              if (server.state === 'stopped' || server.starts !== starts) reject(errors(server.engine).refused());
              else if (server.full) reject(errors(server.engine).full());
              else resolve(this.#opened(server));
            }),
          ),
        );
      });
    });
  }

  #opened(server: Server): Connection {
    const connection = new Connection(server, this.#clock);
    this.connections.add(connection);
    return connection;
  }

  #end(connection: Connection, reason?: Error): void {
    connection.close(reason);
    this.connections.delete(connection);
  }
}
