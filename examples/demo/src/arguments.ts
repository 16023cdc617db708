import { parseArgs } from 'node:util';

/** The ORMs that the shop is written for. */
const ORMS = ['typeorm', 'mikro-orm'] as const;
export type Orm = (typeof ORMS)[number];

export interface Arguments {
  readonly orm: Orm;
  /** Prints the figures as JSON instead of tables. */
  readonly json: boolean;
  readonly help: boolean;
  readonly secondsPerPhase: number;
  /** For each of the two shops. */
  readonly requestsPerSecond: number;
  /** Of the requests and their times. */
  readonly seed: number;
}

export const USAGE = `
npm run demo -- [options]

  --orm <name>                 the ORM of the shop: ${ORMS.join(', ')} (default: typeorm)
  --seconds-per-phase <n>      how long each phase lasts once its fault is there (default: 2)
  --requests-per-second <n>    for each of the two shops (default: 80)
  --seed <n>                   other users, other times (default: 1)
  --json                       print the figures as JSON
  --help                       print this
`.trim();

/** The command line is not as it should be; the message says what is allowed. */
export class UsageError extends Error {}

/** @throws UsageError */
export function argumentsOf(given: readonly string[]): Arguments {
  const values = parsed(given);
  const { orm } = values;
  if (!isOrm(orm)) throw new UsageError(`--orm is ${JSON.stringify(orm)}; allowed are ${ORMS.join(', ')}`);
  return {
    orm,
    json: values.json,
    help: values.help,
    secondsPerPhase: numberOf('seconds-per-phase', values['seconds-per-phase'], { min: 0.1, max: 600 }),
    requestsPerSecond: numberOf('requests-per-second', values['requests-per-second'], { min: 1, max: 1_000 }),
    seed: numberOf('seed', values.seed, { min: 0, max: 2 ** 31 - 1 }),
  };
}

function parsed(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      strict: true,
      options: {
        orm: { type: 'string', default: 'typeorm' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        'seconds-per-phase': { type: 'string', default: '2' },
        'requests-per-second': { type: 'string', default: '80' },
        seed: { type: 'string', default: '1' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function isOrm(name: string): name is Orm {
  return (ORMS as readonly string[]).includes(name);
}

function numberOf(flag: string, given: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${flag} is ${JSON.stringify(given)}; give a number from ${min} to ${max}`);
}
