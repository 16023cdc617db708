import { setTimeout as sleep } from 'node:timers/promises';
import { occupy } from './occupy.js';
import type { Heal, Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import type { Target } from './targets.js';

const NOTICED_CRASH: Target = { figure: 'noticedMs', most: 20 };
const NOTICED_FREEZE: Target = { figure: 'noticedMs', most: 300 };
const BACK: Target = { figure: 'backInUseMs', most: 1_000 };
const WRITES_BACK: Target = { figure: 'writesBackMs', most: 500 };
const NO_STALL: Target = { figure: 'slowestMs', most: 1_000 };
const QUICK: Target = { figure: 'p99Ms', most: 250 };

/** Each way, to every replica, where one of them is made slower. */
const FAR_MS = 2;
const FLAPS_EVERY_MS = 1_000;
/** How long a primary is read only before another server takes over. */
const READ_ONLY_MS = 500;
const PROMOTED_AFTER_MS = 2_000;
/** Less than a page of items, more than it takes to connect. */
const CUT_AFTER_BYTES = 1_500;

/** As an application sets it that would rather have a user wait than fail. */
const HOLDS = { title: 'holdWritesMs: 10000', routing: { holdWritesMs: 10_000 } } as const;

const onReplica = { broken: ['replica-1'], closesBroken: true } as const;
const behindProxies = { ...onReplica, stage: { proxies: true } } as const;

/** What can happen to servers while an application works on them. */
export const SCENARIOS = {
  killed: {
    ...onReplica,
    title: 'a replica is killed (SIGKILL)',
    targets: [NOTICED_CRASH, BACK],
    fault: async (stage) => {
      await stage.replica(1).kill();
      return restarting(stage, 1);
    },
  },
  stopped: {
    ...onReplica,
    title: 'a replica is shut down (SIGTERM)',
    targets: [BACK],
    fault: async (stage) => {
      await stage.replica(1).stop();
      return restarting(stage, 1);
    },
  },
  frozen: {
    ...onReplica,
    title: 'a replica freezes (SIGSTOP)',
    targets: [NO_STALL, QUICK, NOTICED_FREEZE, BACK],
    fault: freeze,
  },
  'frozen-idle': {
    ...onReplica,
    title: 'a replica freezes while one request comes each second',
    effort: { readsPerSecond: 1, writesPerSecond: 1 },
    targets: [NO_STALL, { figure: 'noticedMs', most: 1_000 }],
    fault: freeze,
  },
  'black-hole': {
    ...behindProxies,
    title: 'the network to a replica swallows everything',
    targets: [NO_STALL, QUICK, NOTICED_FREEZE, BACK],
    fault: async (stage) => {
      stage.proxy(1).blackHole();
      return () => stage.proxy(1).restore();
    },
  },
  cut: {
    ...behindProxies,
    title: 'connections to a replica are reset in mid result',
    targets: [BACK],
    fault: async (stage) => {
      stage.proxy(1).cutAfter(CUT_AFTER_BYTES);
      return () => stage.proxy(1).restore();
    },
  },
  full: {
    ...onReplica,
    title: 'a replica has no connection left (max_connections)',
    stage: { maxConnections: 30 },
    targets: [BACK],
    fault: (stage) => occupy(stage.replica(1), stage.engine),
  },
  refused: {
    ...behindProxies,
    title: 'a replica refuses connections',
    targets: [NOTICED_CRASH, BACK],
    fault: async (stage) => {
      await goDown(stage);
      return () => stage.proxy(1).accept();
    },
  },
  flapping: {
    ...behindProxies,
    title: 'a replica is down and up every second',
    targets: [],
    fault: async (stage) => {
      const over = new AbortController();
      const flapping = flap(stage, over.signal);
      return async () => {
        over.abort();
        await flapping;
        await stage.proxy(1).accept();
      };
    },
  },
  slow: {
    ...onReplica,
    title: 'one of three replicas is ten times slower (select: fastest())',
    stage: { proxies: true, replicas: 3 },
    routing: { select: 'fastest' },
    // a process that is busy itself is slower than any replica; its share is that of the last second
    effort: { readsPerSecond: 200, lastsMs: 8_000, afterMs: 4_000 },
    targets: [
      { figure: 'p99Ratio', most: 1.3 },
      { figure: 'onBroken', most: 0.02 },
      { figure: 'share', least: 0.75 },
    ],
    before: async (stage) => {
      for (const number of [1, 2, 3]) stage.proxy(number).latency(FAR_MS);
    },
    fault: async (stage) => {
      stage.proxy(1).latency(10 * FAR_MS);
      return async () => stage.proxy(1).latency(FAR_MS);
    },
  },
  paused: {
    ...onReplica,
    title: 'a replica stops replaying',
    targets: [],
    fault: async ({ servers }) => {
      await servers.replica(1).pauseReplay();
      return async () => {
        await servers.replica(1).resumeReplay();
        await servers.replica(1).caughtUp();
      };
    },
  },
  'all-down': {
    title: 'all replicas are killed',
    broken: ['replica-1', 'replica-2'],
    closesBroken: true,
    targets: [{ figure: 'attemptsPerCall', most: 1.1 }, BACK],
    fault: async (stage) => {
      await Promise.all([stage.replica(1).kill(), stage.replica(2).kill()]);
      return restarting(stage, 1, 2);
    },
  },
  switchover: {
    title: `switchover: the primary turns read only, a replica is promoted (${HOLDS.title})`,
    routing: HOLDS.routing,
    broken: ['default'],
    closesBroken: false,
    targets: [WRITES_BACK],
    fault: async (stage) => {
      await stage.refuseWrites();
      const promoted = sleep(READ_ONLY_MS).then(() => stage.promote(stage.replica(2)));
      promoted.catch(() => undefined); // thrown where it is awaited
      return () => promoted;
    },
  },
  'primary-lost': {
    title: `the primary is killed, a replica is promoted ${PROMOTED_AFTER_MS / 1_000} s later (${HOLDS.title})`,
    routing: HOLDS.routing,
    broken: ['default'],
    closesBroken: false,
    effort: { lastsMs: PROMOTED_AFTER_MS },
    targets: [WRITES_BACK],
    before: (stage) => stage.synchronous(),
    fault: async (stage) => {
      await stage.servers.primary.kill();
      return () => stage.promote(stage.replica(2));
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

async function freeze({ servers }: Stage): Promise<Heal> {
  await servers.replica(1).freeze();
  return async () => {
    servers.replica(1).thaw();
    await servers.replica(1).caughtUp();
  };
}

function restarting({ servers }: Stage, ...numbers: readonly number[]): Heal {
  return async () => {
    const replicas = numbers.map((number) => servers.replica(number));
    await Promise.all(replicas.map((replica) => replica.restart()));
    await Promise.all(replicas.map((replica) => replica.caughtUp()));
  };
}

/** As a server that is gone: what is open ends, and nobody listens. */
async function goDown(stage: Stage): Promise<void> {
  await stage.proxy(1).refuse();
  stage.proxy(1).reset();
}

async function flap(stage: Stage, over: AbortSignal): Promise<void> {
  const wait = () => sleep(FLAPS_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  while (!over.aborted) {
    await goDown(stage);
    await wait();
    await stage.proxy(1).accept();
    await wait();
  }
}
