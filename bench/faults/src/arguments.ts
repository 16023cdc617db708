import { parseArgs } from 'node:util';
import type { OrmName } from './contenders.js';
import { ORMS } from './contenders.js';
import type { Effort } from './effort.js';
import type { EngineName } from './place.js';
import { ENGINES } from './place.js';
import type { ScenarioName } from './scenarios.js';
import { SCENARIO_NAMES } from './scenarios.js';

export interface Arguments {
  readonly scenarios: readonly ScenarioName[];
  readonly engines: readonly EngineName[];
  readonly orms: readonly OrmName[];
  readonly effort: Effort;
  readonly rounds: number;
  readonly json: boolean;
  /** Puts the table into README.md, too. */
  readonly write: boolean;
  readonly help: boolean;
}

const FULL: Effort = {
  readsPerSecond: 400,
  writesPerSecond: 40,
  healthyMs: 2_000,
  lastsMs: 4_000,
  afterMs: 3_000,
  patienceMs: 5_000,
};
/** Says whether the benchmark runs, and little about how good anything is. */
const QUICK: Effort = {
  readsPerSecond: 100,
  writesPerSecond: 20,
  healthyMs: 500,
  lastsMs: 1_000,
  afterMs: 500,
  patienceMs: 2_000,
};

export const USAGE = `
npm run bench:faults -- [options]

  --only <fault>             one fault; may be given several times: ${SCENARIO_NAMES.join(', ')}
  --engine <name>            one engine: ${ENGINES.join(', ')} (default: both)
  --orm <name>               one ORM: ${ORMS.join(', ')} (default: both)
  --rounds <n>               every fault that often (default: 1)
  --reads-per-second <n>     for each contender (default: ${FULL.readsPerSecond})
  --writes-per-second <n>    requests that write and read back (default: ${FULL.writesPerSecond})
  --quick                    some seconds for each fault, for CI
  --json                     all figures as JSON
  --write                    put the table into README.md
  --help                     print this
`.trim();

/** The command line is not as it should be; the message says what is allowed. */
export class UsageError extends Error {}

/** @throws UsageError */
export function argumentsOf(given: readonly string[]): Arguments {
  const values = parsed(given);
  const effort = values.quick ? QUICK : FULL;
  return {
    scenarios: chosen('only', values.only, SCENARIO_NAMES),
    engines: chosen('engine', values.engine, ENGINES),
    orms: chosen('orm', values.orm, ORMS),
    effort: {
      ...effort,
      readsPerSecond: numberOf('reads-per-second', values['reads-per-second'], effort.readsPerSecond),
      writesPerSecond: numberOf('writes-per-second', values['writes-per-second'], effort.writesPerSecond),
    },
    rounds: numberOf('rounds', values.rounds, 1),
    json: values.json,
    write: values.write,
    help: values.help,
  };
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      strict: true,
      options: {
        only: { type: 'string', multiple: true },
        engine: { type: 'string', multiple: true },
        orm: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        'reads-per-second': { type: 'string' },
        'writes-per-second': { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Those that were named, in our order; all if none was. */
function chosen<T extends string>(flag: string, given: readonly string[] | undefined, all: readonly T[]): readonly T[] {
  const unknown = given?.find((name) => !(all as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--${flag} is ${JSON.stringify(unknown)}; allowed are ${all.join(', ')}`);
  return all.filter((name) => given === undefined || given.includes(name));
}

function numberOf(flag: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  throw new UsageError(`--${flag} is ${JSON.stringify(given)}; give a whole number from 1 to 10000`);
}
