import type { Role } from './engine.js';
import type { Group } from './group.js';
import type { Instance, ServerState } from './instance.js';
import type { Row, Session, SessionOptions } from './session.js';

/** How a client reaches a server; what an ORM's configuration wants. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly role: Role;
}

export interface CaughtUpOptions {
  /** Default: 30 000 ms. */
  readonly timeoutMs?: number;
}

/** One database server of a cluster, and what can happen to it. */
export class Server {
  readonly name: string;
  readonly port: number;
  readonly #instance: Instance;
  readonly #group: Group;

  /** @internal */
  constructor(instance: Instance, group: Group) {
    this.name = instance.name;
    this.port = instance.place.ports[0];
    this.#instance = instance;
    this.#group = group;
  }

  get role(): Role {
    return this.#group.roleOf(this.#instance);
  }

  get state(): ServerState {
    return this.#instance.state;
  }

  /** The address of the ordinary user `app`, who owns the database `app`. */
  get database(): DatabaseAddress {
    return {
      host: '127.0.0.1',
      port: this.port,
      user: 'app',
      password: 'app',
      database: 'app',
      role: this.role,
    };
  }

  /**
   * Runs SQL in the database `app` as the administrator, on a connection of its own, and answers the rows of the last
   * statement. On MariaDB the administrator may write to a replica, which ends its replication: do so only if that is
   * what you want.
   */
  query(sql: string, options?: SessionOptions): Promise<readonly Row[]> {
    return this.#instance.ask((session) => session.query(sql), options);
  }

  /** An administrator's connection that stays open, to hold a lock for instance. Close it yourself. */
  session(options?: SessionOptions): Promise<Session> {
    return this.#instance.session(options);
  }

  /** The replica goes on receiving changes but applies none, so that its rows grow old. A restart ends it, too. */
  async pauseReplay(): Promise<void> {
    const replication = this.#group.replicationOf(this.#instance, 'pauseReplay()');
    await this.#instance.ask(replication.pauseReplay);
  }

  async resumeReplay(): Promise<void> {
    const replication = this.#group.replicationOf(this.#instance, 'resumeReplay()');
    await this.#instance.ask(replication.resumeReplay);
  }

  /** Waits until everything the primary has written by now can be read here. On the only primary: at once. */
  async caughtUp({ timeoutMs = 30_000 }: CaughtUpOptions = {}): Promise<void> {
    await this.#group.caughtUp(this.#instance, timeoutMs);
  }

  /** As if the machine lost its power: the process is gone at once, and its port refuses. */
  async kill(): Promise<void> {
    await this.#instance.kill();
  }

  /** As if the machine hung: connections stay open and new ones are accepted, but nothing answers. */
  async freeze(): Promise<void> {
    await this.#instance.freeze();
  }

  /** Ends `freeze()`: the server goes on where it stood. */
  thaw(): void {
    this.#instance.thaw();
  }

  /** An orderly end: running statements are ended, clients are told. Its port refuses then. */
  async stop(): Promise<void> {
    await this.#instance.stop();
  }

  /** Starts the server on its old port, after `stop()` or `kill()` or while it runs. A replica follows the primary. */
  async restart(): Promise<void> {
    await this.#group.restart(this.#instance);
  }

  /**
   * This replica becomes the primary, and the other running replicas follow it. A primary that runs is first made to hand
   * over all it has, and then follows too. One that is stopped follows from its `restart()` on, without the writes that
   * no replica has received. One that is frozen does not know, as in life: after `thaw()` it still takes writes, until
   * its `restart()`. Ends every `pauseReplay()`.
   */
  async promote(): Promise<void> {
    await this.#group.promote(this.#instance);
  }
}
