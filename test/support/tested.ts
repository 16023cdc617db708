import { describe } from '@jest/globals';
import { available, hasRedis } from '@sluice/testbed';

export type Tested = 'mariadb' | 'postgres' | 'redis';

/** Where `SLUICE_REQUIRE_ENGINES` is set, as in CI, nothing is skipped: what is missing fails. */
const allRequired = process.env['SLUICE_REQUIRE_ENGINES'] !== undefined;

/** Whether tests run on a kind of server: if this machine has it, or has to. */
export function isTested(engine: Tested): boolean {
  return allRequired || (engine === 'redis' ? hasRedis() : available(engine));
}

/** `describe` for tests that need all of these, else `describe.skip`. */
export function describeOn(...engines: readonly [Tested, ...Tested[]]): typeof describe | typeof describe.skip {
  return engines.every(isTested) ? describe : describe.skip;
}
