import type { Engine, Role, Surroundings } from './engine.js';
import type { Place } from './place.js';
import { TestbedError } from './errors.js';
import type { Instance } from './instance.js';
import type { Replication } from './replication.js';
import { until } from './until.js';

/** The servers of a cluster, and who replicates from whom now. */
export class Group {
  readonly engine: Engine;
  readonly instances: readonly [Instance, ...Instance[]];
  primary: Instance;
  #closed = false;

  constructor(engine: Engine, instances: readonly [Instance, ...Instance[]]) {
    this.engine = engine;
    this.instances = instances;
    this.primary = instances[0];
  }

  roleOf(instance: Instance): Role {
    return instance === this.primary || this.engine.replication === undefined ? 'primary' : 'replica';
  }

  /** Starts every server; resolves when all serve and the replicas follow. */
  async start(): Promise<void> {
    if (this.engine.replication === undefined) {
      for (const instance of this.instances) await this.#launch(instance);
      return;
    }
    await Promise.all(this.instances.map((instance) => this.#launch(instance)));
    await Promise.all(this.replicas.map((replica) => this.#follow(replica, this.primary)));
    await Promise.all(this.replicas.map((replica) => this.#untilFollowing(replica)));
  }

  /** Starts one server again; a replica follows the primary. */
  async restart(instance: Instance): Promise<void> {
    await instance.stop();
    await this.#launch(instance);
    if (this.roleOf(instance) === 'replica') await this.#follow(instance, this.primary);
  }

  async caughtUp(instance: Instance, timeoutMs: number): Promise<void> {
    const primaries = this.engine.replication ? [this.primary] : this.#running;
    for (const source of primaries) {
      if (source === instance) continue;
      const position = await source.ask((session) => this.engine.position(session), { timeoutMs });
      await until(() => instance.ask((session) => this.engine.hasReached(session, position), { timeoutMs: 2_000 }), {
        what: `${instance.name} has replayed ${position} of ${source.name}`,
        timeoutMs,
        everyMs: 2,
      });
    }
  }

  /** Makes a replica the primary; see `Server.promote`. */
  async promote(candidate: Instance): Promise<void> {
    const replication = this.replicationOf(candidate, 'promote()');
    const old = this.primary;
    const others = this.#running.filter((instance) => instance !== old && instance !== candidate);
    const handsOver = old.state === 'running';
    await Promise.all([candidate, ...others].map((replica) => replica.ask(replication.resumeReplay)));
    if (handsOver) {
      await old.ask(replication.refuseWrites);
      await this.caughtUp(candidate, 30_000);
      await old.stop();
    }
    for (const other of others) await this.#takeOver(candidate, other, replication);
    await settled(candidate, replication);
    await candidate.ask(replication.promote);
    this.primary = candidate;
    old.forget(); // it may hold what no replica has received
    await Promise.all(others.map((other) => this.#follow(other, candidate)));
    if (handsOver) await this.restart(old);
  }

  /** How this server replicates; throws if it is a primary. */
  replicationOf(instance: Instance, call: string): Replication {
    const { name, replication } = this.engine;
    if (replication && instance !== this.primary) return replication;
    const hint = replication ? 'ask cluster.replica(1)' : `${name} has no replicas`;
    throw new TestbedError('TESTBED_ROLE', `${call} is for replicas, and ${instance.name} is a primary: ${hint}`);
  }

  /** Ends every server as quickly as it can; nothing starts any more. */
  async tearDown(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.instances.map((instance) => instance.tearDown()));
  }

  get replicas(): readonly Instance[] {
    return this.instances.filter((instance) => this.roleOf(instance) === 'replica');
  }

  get #running(): readonly Instance[] {
    return this.instances.filter((instance) => instance.state === 'running');
  }

  async #launch(instance: Instance): Promise<void> {
    if (this.#closed) throw new TestbedError('TESTBED_STOPPED', 'the cluster is stopped: start a new one');
    await instance.start(this.#surroundingsOf(instance));
  }

  #surroundingsOf(instance: Instance): Surroundings {
    if (this.roleOf(instance) === 'replica') return { role: 'replica', upstream: this.primary.place };
    const peers = this.instances.filter((peer) => peer !== instance);
    const running = peers.filter((peer) => peer.state === 'running');
    return { role: 'primary', peers: { all: peers.map(placeOf), running: running.map(placeOf) } };
  }

  async #follow(replica: Instance, upstream: Instance): Promise<void> {
    await replica.ask(async (session) => this.engine.replication?.follow(session, replica.place, upstream.place));
  }

  async #untilFollowing(replica: Instance): Promise<void> {
    const replication = this.replicationOf(replica, 'following');
    const what = `${replica.name} follows ${this.primary.name}`;
    await until(() => replica.ask(replication.isFollowing), { what, everyMs: 5 });
  }

  /** What another replica has received from a primary that is gone, and the candidate has not. */
  async #takeOver(candidate: Instance, other: Instance, replication: Replication): Promise<void> {
    const position = await settled(other, replication);
    const reached = (): Promise<boolean> => candidate.ask((session) => this.engine.hasReached(session, position));
    if (await reached()) return;
    await this.#follow(candidate, other);
    await until(reached, { what: `${candidate.name} has what ${other.name} has` });
  }
}

function placeOf(instance: Instance): Place {
  return instance.place;
}

async function settled(replica: Instance, replication: Replication): Promise<string> {
  const what = `${replica.name} has applied what it received`;
  return await until(() => replica.ask(replication.settledPosition), { what });
}
