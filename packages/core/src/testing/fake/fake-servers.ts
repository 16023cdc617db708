import type { Servers } from '../conformance/rig.js';

/** One server in memory. */
class FakeServer {
  readonly notes = new Map<number, string>();
  alive = true;
  paused = false;
  readonly #mourners = new Set<() => void>();

  /** @throws as a driver does when nobody listens */
  connect(name: string): void {
    if (!this.alive) throw Object.assign(new Error(`connect ECONNREFUSED ${name}`), { code: 'ECONNREFUSED' });
  }

  /** Answers after a while, or fails as a driver does when its server goes meanwhile. */
  slowly(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#mourners.delete(die);
        resolve();
      }, 50);
      const die = (): void => {
        clearTimeout(timer);
        reject(lost());
      };
      this.#mourners.add(die);
    });
  }

  die(): void {
    this.alive = false;
    for (const die of this.#mourners) die();
    this.#mourners.clear();
  }
}

export const lost = (): Error => new Error('Connection terminated unexpectedly');

/** One primary and two replicas in memory, which replicate at once unless they are paused or dead. */
export class FakeServers implements Servers {
  readonly #servers = new Map(['default', 'replica-1', 'replica-2'].map((name) => [name, new FakeServer()]));

  server(name: string): FakeServer {
    const server = this.#servers.get(name);
    if (server === undefined) throw new RangeError(`no server is named ${name}`);
    return server;
  }

  /** Applies a committed change to the primary, and to whoever listens. */
  commit(changes: ReadonlyMap<number, string>): void {
    for (const [id, text] of changes) this.server('default').notes.set(id, text);
    this.#replicate();
  }

  kill(name: string): Promise<void> {
    this.server(name).die();
    return Promise.resolve();
  }

  restart(name: string): Promise<void> {
    this.server(name).alive = true;
    this.#replicate();
    return Promise.resolve();
  }

  pauseReplay(name: string): Promise<void> {
    this.server(name).paused = true;
    return Promise.resolve();
  }

  resumeReplay(name: string): Promise<void> {
    this.server(name).paused = false;
    this.#replicate();
    return Promise.resolve();
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  #replicate(): void {
    const source = this.server('default');
    for (const server of this.#servers.values()) {
      if (server === source || server.paused || !server.alive) continue;
      for (const [id, text] of source.notes) server.notes.set(id, text);
    }
  }
}
