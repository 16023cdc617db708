import type { Cluster, FaultProxy, Server } from '@sluice/testbed';
import { faultProxy, startCluster } from '@sluice/testbed';
import { now } from './clock.js';
import type { EngineName, Place } from './place.js';
import { SYNCHRONOUS } from './synchronous.js';
import { tables } from './tables.js';
import { until } from './until.js';

export interface StageOptions {
  readonly replicas: number;
  /** Whether a proxy stands in front of every replica. */
  readonly proxies: boolean;
  /** How many clients each server admits. */
  readonly maxConnections: number;
}

const REFUSE_WRITES: Readonly<Record<EngineName, readonly string[]>> = {
  mariadb: ['SET GLOBAL read_only = 1'],
  postgres: ['ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'],
};

/** Servers with the tables of the load: new ones for every round, so that no fault outlives its own. */
export class Stage {
  readonly engine: EngineName;
  readonly servers: Cluster;
  readonly #proxies: ReadonlyMap<string, FaultProxy>;
  /** When the server that was promoted took writes. */
  writableMs: number | undefined;

  private constructor(engine: EngineName, servers: Cluster, proxies: ReadonlyMap<string, FaultProxy>) {
    this.engine = engine;
    this.servers = servers;
    this.#proxies = proxies;
  }

  static async set(engine: EngineName, { replicas, proxies, maxConnections }: StageOptions): Promise<Stage> {
    const servers = await startCluster({ engine, replicas, maxConnections });
    const before = new Map<string, FaultProxy>();
    if (proxies) {
      for (const { name, role, database } of servers.servers) {
        if (role === 'replica') before.set(name, await faultProxy(database));
      }
    }
    await servers.primary.query(tables(engine));
    await servers.caughtUp();
    return new Stage(engine, servers, before);
  }

  placeFor(routing: Place['routing'] = {}): Place {
    const databases = Object.entries(this.servers.databases).map(([name, { host, port }]) => {
      return [name, { host, port: this.#proxies.get(name)?.port ?? port }] as const;
    });
    return { type: this.engine, databases: Object.fromEntries(databases), routing };
  }

  replica(number: number): Server {
    return this.servers.replica(number);
  }

  proxy(number: number): FaultProxy {
    const proxy = this.#proxies.get(`replica-${number}`);
    if (proxy === undefined) throw new Error(`there is no proxy in front of replica-${number}`);
    return proxy;
  }

  /** The replica becomes the primary; notes when it takes writes, which is before everything else is done. */
  async promote(replica: Server): Promise<void> {
    const [, writableMs] = await Promise.all([replica.promote(), this.#untilWritable(replica)]);
    this.writableMs = writableMs;
  }

  /** The primary refuses writes, on open connections and on new ones. */
  async refuseWrites(): Promise<void> {
    for (const sql of REFUSE_WRITES[this.engine]) await this.servers.primary.query(sql);
  }

  /** From now on the primary acknowledges only what one of its replicas has: what is lost then, a client has lost. */
  async synchronous(): Promise<void> {
    await SYNCHRONOUS[this.engine](this.servers);
  }

  /** How often each note is on the server that takes writes now. */
  async notes(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.servers.primary.query('SELECT token, COUNT(*) AS times FROM note GROUP BY token');
    return new Map(rows.map(({ token, times }) => [String(token), Number(times)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
    await this.servers.stop();
  }

  async #untilWritable(server: Server): Promise<number> {
    const sql = this.engine === 'mariadb' ? 'SELECT @@read_only AS no' : 'SELECT pg_is_in_recovery()::int AS no';
    const session = await server.session();
    try {
      await until(async () => {
        const [row] = await session.query(sql);
        return Number(row?.['no']) === 0;
      });
      return now();
    } finally {
      session.close();
    }
  }
}
