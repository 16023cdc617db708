import type { EngineName } from './engine.js';
import { TestbedError } from './errors.js';
import type { Group } from './group.js';
import { type CaughtUpOptions, type DatabaseAddress, Server } from './server.js';

/** Real servers on loopback that replicate each other. */
export class Cluster {
  readonly engine: EngineName;
  /** Where the servers keep their data and logs, until `stop()`. */
  readonly folder: string;
  /** In the order of their names: `default`, `replica-1`, … */
  readonly servers: readonly Server[];
  readonly #group: Group;
  readonly #clear: () => Promise<void>;
  #stopping: Promise<void> | undefined;

  /** @internal `clear` removes what is left when the servers have ended. */
  constructor(parts: { folder: string; group: Group; clear: () => Promise<void> }) {
    this.engine = parts.group.engine.name;
    this.folder = parts.folder;
    this.servers = parts.group.instances.map((instance) => new Server(instance, parts.group));
    this.#group = parts.group;
    this.#clear = parts.clear;
  }

  /** Every server's address by its name, in the form a router's configuration wants. */
  get databases(): Readonly<Record<string, DatabaseAddress>> {
    return Object.fromEntries(this.servers.map((server) => [server.name, server.database]));
  }

  /** The server that takes writes now: `default`, until another one is promoted. */
  get primary(): Server {
    return this.server(this.#group.primary.name);
  }

  /** The server named `replica-<number>`, counted from 1. It keeps its name when it is promoted. */
  replica(number = 1): Server {
    return this.server(`replica-${number}`);
  }

  server(name: string): Server {
    const found = this.servers.find((server) => server.name === name);
    if (found) return found;
    const names = this.servers.map((server) => server.name).join(', ');
    throw new TestbedError('TESTBED_UNKNOWN_SERVER', `there is no server "${name}" in this cluster; it has ${names}`);
  }

  /** Waits until every running server has replayed what the primary has written by now. */
  async caughtUp(options?: CaughtUpOptions): Promise<void> {
    const running = this.servers.filter((server) => server.state === 'running');
    await Promise.all(running.map((server) => server.caughtUp(options)));
  }

  /** Ends every server, whatever state it is in, and removes the folder. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#clear();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
