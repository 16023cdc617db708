import type { Cluster } from '../../src/cluster.js';
import type { Lease } from '../../src/lease.js';
import { withSession } from '../../src/scopes.js';
import { Session } from '../../src/session.js';
import { isSluiceError } from '../../src/errors.js';
import type { Chance } from './chance.js';
import type { SimulationClock } from './clock.js';
import type { Invariants } from './invariants.js';
import type { Connection, Pools } from './pools.js';
import type { Server, Work } from './server.js';
import type { World } from './world.js';

export interface ClientOptions {
  readonly cluster: Cluster;
  readonly pools: Pools;
  readonly world: World;
  readonly clock: SimulationClock;
  readonly chance: Chance;
  readonly invariants: Invariants;
  /** Notes what happened. */
  readonly trace: (what: string) => void;
  /** Whether a read may be refused although a primary could serve it. */
  readonly guarded: boolean;
}

type Kind = 'read' | 'write' | 'opening' | 'stream';

/** An application's work and its adapter: sessions of reads, writes, transactions and streams. */
export class Client {
  readonly #options: ClientOptions;
  #written = 0;
  /** Statements that a server was to do. */
  sent = 0;
  running = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** One unit of work, from its first statement to its last; never fails. */
  async session(): Promise<void> {
    const { chance, clock } = this.#options;
    const session = new Session({ clock });
    const acknowledged: string[] = [];
    this.running += 1;
    await withSession(session, async () => {
      const length = 1 + Math.floor(chance.next() * 4);
      for (let step = 0; step < length; step += 1) {
        const draw = chance.next();
        if (draw < 0.6) await this.#read(session, acknowledged);
        else if (draw < 0.75) await this.#write(acknowledged);
        else if (draw < 0.9) await this.#transaction(acknowledged);
        else await this.#stream(session, acknowledged);
      }
    });
    session.close();
    this.running -= 1;
  }

  async #read(session: Session, acknowledged: readonly string[]): Promise<void> {
    const { cluster, clock, invariants, trace, world } = this.#options;
    const startedAt = clock.now();
    const pinned = session.pinned() || acknowledged.length > 0;
    const { promotedAt, stalledAt } = this.#options.world;
    let attempts = 0;
    try {
      const seen = await cluster.run({ intent: 'read' }, (lease) => {
        attempts += 1;
        return this.#statement(lease, 'read', pinned, look(acknowledged));
      });
      trace(`read ${seen.server.name}`);
      if (pinned) this.#fresh(seen);
      else if (!world.wasSlow && world.stalledAt === stalledAt) invariants.readServed(startedAt, attempts, world.sound);
    } catch (error) {
      this.#readFailed(error, startedAt, pinned, promotedAt);
    }
  }

  async #stream(session: Session, acknowledged: readonly string[]): Promise<void> {
    const { cluster, clock, chance, trace, world } = this.#options;
    const startedAt = clock.now();
    const pinned = session.pinned() || acknowledged.length > 0;
    const { promotedAt } = world;
    let opened: { readonly lease: Lease; readonly connection: Connection } | undefined;
    try {
      await cluster.run({ intent: 'read' }, async (lease) => {
        const seen = await this.#statement(lease, 'stream', pinned, look(acknowledged), (connection) => {
          opened = { lease, connection };
        });
        if (pinned) this.#fresh(seen);
      });
    } catch (error) {
      this.#readFailed(error, startedAt, pinned, promotedAt);
    }
    if (opened === undefined) return;
    const { lease, connection } = opened;
    const rows = Math.floor(chance.next() * 5);
    try {
      for (let row = 0; row < rows; row += 1) await connection.send((server) => server.name, chance.between(1, 60));
      lease.end('committed');
      trace(`stream ${lease.database.name} ${rows}`);
    } catch (error) {
      trace(`stream broke off ${lease.database.name} ${messageOf(error)}`);
      cluster.failedInside(lease, error);
      lease.end('rolled-back', { failed: true });
    }
    this.#options.pools.release(connection);
  }

  async #write(acknowledged: string[]): Promise<void> {
    const { cluster, clock, invariants, trace, world } = this.#options;
    const id = this.#id();
    const startedAt = clock.now();
    const { primary, promotedAt } = world;
    try {
      const { server } = await cluster.run({ intent: 'write' }, (lease) =>
        this.#statement(lease, 'write', false, this.#doing(id)),
      );
      invariants.acknowledged(id);
      acknowledged.push(id);
      trace(`write ${server.name}`);
    } catch (error) {
      trace(`write failed ${messageOf(error)}`);
      if (isSluiceError(error, 'SLUICE_CLOSED')) return;
      invariants.writeFailed(id, error, startedAt, world.promotedAt === promotedAt ? primary : undefined);
    }
  }

  async #transaction(acknowledged: string[]): Promise<void> {
    const { cluster, chance, invariants, pools, trace } = this.#options;
    let connection: Connection | undefined;
    let lease: Lease;
    try {
      ({ lease } = await cluster.begin({ intent: 'write' }, (opening) =>
        this.#statement(
          opening,
          'opening',
          false,
          (server) => ({ server, missing: undefined }),
          (used) => {
            connection = used;
          },
        ),
      ));
    } catch (error) {
      trace(`begin failed ${messageOf(error)}`);
      return;
    }
    if (connection === undefined) throw new Error('a transaction was opened without a connection');
    const here = connection;
    const stays = (): void => {
      if (lease.database.name === here.server.name) return;
      const what = `it began on ${here.server.name}, and is on ${lease.database.name}`;
      invariants.violated('no statement of a transaction leaves its database', what);
    };
    stays();
    const id = this.#id();
    let committing = false;
    try {
      const statements = Math.floor(chance.next() * 4);
      for (let statement = 0; statement < statements; statement += 1) {
        await here.send((server) => server.name, chance.between(1, 30));
        stays();
        lease.writing();
        lease.changed(1);
      }
      const writes = statements > 0;
      committing = true;
      if (writes) lease.writing();
      await here.send((server) => (writes ? this.#doing(id)(server) : undefined), 1);
      stays();
      lease.end('committed');
      if (writes) {
        invariants.acknowledged(id);
        acknowledged.push(id);
      }
      trace(`transaction ${here.server.name} ${statements}`);
    } catch (error) {
      trace(`transaction failed ${messageOf(error)}`);
      cluster.failedInside(lease, error);
      lease.end(committing ? 'unknown' : 'rolled-back', { failed: true });
    }
    pools.release(here);
  }

  /** One attempt, as an adapter makes it. */
  async #statement<T>(
    lease: Lease,
    kind: Kind,
    pinned: boolean,
    work: Work<T>,
    keep?: (connection: Connection) => void,
  ): Promise<T> {
    const { chance, cluster, invariants, pools, trace } = this.#options;
    const { name } = lease.database;
    trace(`${kind} to ${name}`);
    invariants.routed(cluster, lease, pinned);
    const waiting = new AbortController();
    let connection: Connection | undefined;
    let over = false;
    let givenUp = false;
    const giveUp = (reason: Error): void => {
      trace(`given up ${name}`);
      if (over || kind === 'write' || kind === 'opening') {
        invariants.violated('only a plain read is given up', `a ${kind} was, ${over ? 'after' : 'before'} its answer`);
      }
      givenUp = true;
      waiting.abort(reason);
      if (connection !== undefined) pools.drop(connection, reason);
    };
    lease.carriedBy({ giveUp });
    try {
      connection = await pools.take(name, waiting.signal);
      if (kind === 'write') lease.writing();
      else lease.sending();
      this.sent += 1;
      const answer = await connection.send(work, chance.between(0.5, kind === 'write' ? 60 : 25));
      if (givenUp) invariants.violated('no late reply is delivered', `${name} answered a ${kind}`);
      over = true;
      if (kind === 'write') lease.changed(1);
      if (kind === 'stream') lease.keep();
      if (keep === undefined) pools.release(connection);
      else keep(connection);
      return answer;
    } catch (error) {
      over = true;
      if (connection !== undefined) pools.release(connection);
      throw error;
    }
  }

  #id(): string {
    this.#written += 1;
    return `w${this.#written}`;
  }

  #doing(id: string): Work<Seen> {
    return (server) => {
      server.write(id);
      this.#options.invariants.executed(id, server);
      return { server, missing: undefined };
    };
  }

  /** What a session has written is there, unless it was lost with a primary. */
  #fresh({ server, missing }: Seen): void {
    const { invariants, world } = this.#options;
    if (missing === undefined || !world.primary.holds(missing)) return;
    invariants.violated('pinned reads are never stale', `${server.name} lacks ${missing}`);
  }

  #readFailed(error: unknown, startedAt: number, pinned: boolean, promotedAt: number): void {
    const { guarded, invariants, trace, world } = this.#options;
    trace(`read failed ${messageOf(error)}`);
    if (isSluiceError(error, 'SLUICE_CLOSED')) return;
    const stayed = world.promotedAt === promotedAt;
    const primaries = stayed ? [world.primary] : [];
    const replicas = world.sound.filter((server) => server !== world.primary && !server.drained);
    const could = guarded ? replicas : world.sound;
    invariants.readFailed(error, startedAt, pinned ? primaries : could, guarded && !pinned);
  }
}

interface Seen {
  readonly server: Server;
  /** A write that this server lacks. */
  readonly missing: string | undefined;
}

function look(acknowledged: readonly string[]): Work<Seen> {
  const expected = [...acknowledged];
  return (server) => ({ server, missing: expected.find((id) => !server.holds(id)) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
