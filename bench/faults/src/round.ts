import { ContenderProcess } from '#bench/contender-process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Ask } from './asks.js';
import { now } from './clock.js';
import type { ContenderName } from './contenders.js';
import type { Effort } from './effort.js';
import type { EngineName } from './place.js';
import type { Scenario } from './scenario.js';
import { Stage } from './stage.js';
import type { Trace } from './trace.js';

const PROCESS = new URL('./load-process.js', import.meta.url);
/** A process that is closed has nothing left to do; it takes a while to end all the same. */
const ENDS_WITHIN_MS = 1_000;
const STAGE = { replicas: 2, proxies: false, maxConnections: 100 } as const;

/** When things happened; monotonic milliseconds. */
interface Marks {
  readonly faultMs: number;
  /** The fault was there. */
  readonly brokenMs: number;
  /** The end of the fault began, and what was broken had caught up. */
  readonly healingMs: number;
  readonly healedMs: number;
  /** When the server that was promoted took writes. */
  readonly writableMs: number | undefined;
  readonly stopMs: number;
}

/** All that one round has left behind; every figure is counted from it. */
export interface Round {
  readonly trace: Trace;
  readonly marks: Marks;
  /** How often each note is on the surviving primary. */
  readonly notes: ReadonlyMap<string, number>;
  /** `null`: not within our patience. */
  readonly closeMs: number | null;
  readonly unhandledAtClose: Readonly<Record<string, number>>;
  /** Whether its process ended by itself then, with nothing left to wait for. */
  readonly ended: boolean;
  /** The databases that the fault is about, and their ports. */
  readonly broken: readonly string[];
  readonly brokenPorts: ReadonlySet<number>;
  readonly replicas: number;
}

/** One contender under load on servers of its own, while one fault comes and goes. */
export async function round(
  { contender, engine, scenario }: { contender: ContenderName; engine: EngineName; scenario: Scenario },
  effort: Effort,
): Promise<Round> {
  const { healthyMs, lastsMs, afterMs, patienceMs, ...rates } = { ...effort, ...scenario.effort };
  await using stage = await Stage.set(engine, { ...STAGE, ...scenario.stage });
  await scenario.before?.(stage);
  const child = new ContenderProcess<Ask, Answer>(contender, PROCESS, []);
  try {
    await child.ask({ kind: 'open', contender, place: stage.placeFor(scenario.routing) });
    await child.ask({ kind: 'load', rates });
    await sleep(healthyMs);
    const faultMs = now();
    const heal = await scenario.fault(stage);
    const brokenMs = now();
    await sleep(Math.max(0, faultMs + lastsMs - now()));
    const healingMs = now();
    await heal();
    const healedMs = now();
    await sleep(afterMs);
    const stopMs = now();
    const { trace } = await child.ask({ kind: 'stop', patienceMs });
    if (trace === undefined) throw new Error(`${contender} answered no trace`);
    const notes = await stage.notes();
    const healAgain = scenario.closesBroken ? await scenario.fault(stage) : undefined;
    const { closeMs = null, unhandled = {} } = await child.ask({ kind: 'close', patienceMs });
    const ended = await child.leave(ENDS_WITHIN_MS);
    await healAgain?.();
    return {
      trace,
      marks: { faultMs, brokenMs, healingMs, healedMs, writableMs: stage.writableMs, stopMs },
      notes,
      closeMs,
      unhandledAtClose: unhandled,
      ended,
      broken: scenario.broken,
      brokenPorts: new Set(scenario.broken.map((name) => stage.servers.server(name).port)),
      replicas: stage.servers.servers.length - 1,
    };
  } finally {
    child.end();
  }
}
