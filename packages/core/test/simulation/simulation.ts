import { Cluster } from '../../src/cluster.js';
import { FallbackGuard } from '../../src/fallback.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { roundRobin } from '../../src/selection/round-robin.js';
import { fastest } from '../../src/selection/fastest.js';
import { leastBusy } from '../../src/selection/least-busy.js';
import { Chance } from './chance.js';
import { Client } from './client.js';
import { SimulationClock, settled } from './clock.js';
import type { Violation } from './invariants.js';
import { Invariants } from './invariants.js';
import { Pools } from './pools.js';
import type { Fault } from './world.js';
import { FAULTS, World } from './world.js';

export interface Outcome {
  readonly violations: readonly Violation[];
  /** Statements that a server was sent, those of checks not counted. */
  readonly statements: number;
  readonly faults: readonly Fault[];
  /** All that happened, in order. */
  readonly trace: readonly string[];
}

/** New sessions and faults come until then; what is left of them is mended, and all is well again. Milliseconds. */
const LOAD_MS = 8_000;
const FAULTS_MS = 6_000;
const HEALED_MS = 13_000;
const SETTLED_MS = 20_500;

/** One life of a cluster under faults; the same seed gives the same. */
export async function simulate(seed: number): Promise<Outcome> {
  const chance = new Chance(seed);
  const clock = new SimulationClock(seed + 0x5eed);
  const world = new World(clock, chance);
  const invariants = new Invariants(clock, world.servers);
  const pools = new Pools(world.servers, clock, chance);
  const lines: string[] = [];
  const trace = (what: string): void => {
    lines.push(`${clock.now()} ${what}`);
  };
  const random = (): number => clock.random();
  const select = chance.of([
    roundRobin({ random }),
    fastest({ random, now: () => clock.now() }),
    leastBusy({ random }),
  ]);
  const guarded = chance.happens(0.2);
  const cluster = new Cluster(
    {
      engine: world.engine,
      databases: Object.fromEntries([...world.servers.keys()].map((name) => [name, {}])),
      router: new PinningReplicaRouter({ pinSeconds: 60, ...(select !== undefined && { select }) }),
      slowStartMs: chance.of([0, 500, 2_000]) ?? 0,
      maxLagMs: chance.of([1_000, 10_000]) ?? 10_000,
      holdWritesMs: chance.of([0, 0, 3_000]) ?? 0,
      ...(guarded && { maxFallbackReads: 3 }),
      clock,
    },
    pools,
  );
  cluster.on('health', ({ database, health, reason }) => {
    trace(`${database} is ${health}: ${reason}`);
    if (health === 'down') invariants.condemned(database, reason);
  });
  cluster.on('primary', ({ database, reason }) => trace(`${database} ${reason}`));
  const client = new Client({ cluster, pools, world, clock, chance, invariants, trace, guarded });
  const fallbacks = countFallbacks();

  cluster.open();
  const arrive = (): void => {
    void client.session();
    const next = clock.now() - 60 * Math.log(1 - chance.next());
    if (next < LOAD_MS) clock.later(next - clock.now(), arrive);
  };
  clock.later(0, arrive);
  const faults: Fault[] = [];
  const count = 1 + Math.floor(chance.next() * 4);
  for (let index = 0; index < count; index += 1) {
    clock.later(chance.between(500, FAULTS_MS), () => {
      const kind = chance.of(FAULTS);
      if (kind === undefined) return;
      trace(`fault ${kind}`);
      faults.push(kind);
      if (kind === 'drain') drain();
      else world.fault(kind);
    });
  }
  // some close in the middle of it
  const early = chance.happens(0.15);
  if (early) {
    await clock.run(chance.between(1_000, LOAD_MS));
  } else {
    await clock.run(HEALED_MS);
    world.heal();
    await clock.run(SETTLED_MS);
    await wellAtLast();
  }
  await close();
  fallbacks.restore();
  return { violations: invariants.violations, statements: client.sent, faults, trace: lines };

  function drain(): void {
    const name = chance.of([...world.servers.keys()]) ?? 'default';
    const ms = chance.between(200, 2_000);
    void cluster.drain(name, { deadlineMs: ms / 2 }).then((idle) => trace(`${name} is ${idle ? 'idle' : 'busy'}`));
    const server = world.server(name);
    server.drained = true;
    clock.later(ms, () => {
      server.trouble(() => (server.drained = false));
      cluster.undrain(name);
    });
  }

  async function wellAtLast(): Promise<void> {
    const wrong = cluster.databases.all
      .filter(({ health }) => health !== 'up')
      .map(({ name, health }) => `${name} is ${health}`);
    const believed = cluster.databases.default.name;
    if (believed !== world.primary.name)
      wrong.push(`${believed} is taken for the primary, which is ${world.primary.name}`);
    if (client.running > 0) wrong.push(`${client.running} sessions hang`);
    if (wrong.length > 0) invariants.violated('all is well in the end', wrong.join(', '));
  }

  async function close(): Promise<void> {
    cluster.close();
    pools.close();
    await settled();
    const left: string[] = [];
    if (clock.pending > 0) left.push(`${clock.pending} timers`);
    if (pools.connections.size > 0) left.push(`${pools.connections.size} connections`);
    await clock.run(clock.now() + 30_000);
    if (pools.connections.size > 0) left.push(`${pools.connections.size} connections after a while`);
    if (client.running > 0) left.push(`${client.running} sessions`);
    if (fallbacks.now() !== 0) left.push(`a fallback counter at ${fallbacks.now()}`);
    for (const { name, load } of cluster.databases.all) {
      if (load.inFlight !== 0) left.push(`${load.inFlight} statements on ${name}`);
    }
    if (left.length > 0) invariants.violated('nothing is left behind', left.join(', '));
  }
}

/** Counts what the guard of the primary counts. */
function countFallbacks(): { now(): number; restore(): void } {
  const { started, ended } = FallbackGuard.prototype;
  let now = 0;
  FallbackGuard.prototype.started = function counted(): void {
    now += 1;
    started.call(this);
  };
  FallbackGuard.prototype.ended = function counted(): void {
    now -= 1;
    ended.call(this);
  };
  return {
    now: () => now,
    restore: () => Object.assign(FallbackGuard.prototype, { started, ended }),
  };
}
