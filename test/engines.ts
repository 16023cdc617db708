import { describe, it } from '@jest/globals';
import { isTested, type Tested } from './support/tested.js';

export type EngineUnderTest = Exclude<Tested, 'redis'>;

const ALL: readonly EngineUnderTest[] = ['mariadb', 'postgres'];

/** The engines that are tested here. Any other is shown as skipped in each file that would have used it. */
export const ENGINES: readonly EngineUnderTest[] = ALL.filter(isTested);

for (const engine of ALL.filter((each) => !ENGINES.includes(each))) {
  // eslint-disable-next-line jest/no-disabled-tests -- a server that is not installed; CI installs it and allows no skip
  describe.skip(`${engine} is not on this machine`, () => {
    it('is tested where it is installed', () => undefined);
  });
}
