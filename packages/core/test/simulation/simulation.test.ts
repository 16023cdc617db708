import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { warnings } from '../support/warnings.js';
import type { Outcome } from './simulation.js';
import { simulate } from './simulation.js';
import { FAULTS } from './world.js';

/** `SLUICE_SEEDS=42` runs one and prints what happened, `SLUICE_SEEDS=1000-2000` runs others. */
const [from = 1, to = from] = (process.env['SLUICE_SEEDS'] ?? '1-1000').split('-').map(Number);

/** Some seconds are enough, unless somebody asks for more seeds. */
const LIMIT_MS = Math.max(60_000, (to - from) * 100);

function hashOf({ trace }: Outcome): string {
  return createHash('sha256').update(trace.join('\n')).digest('hex');
}

describe('a simulated cluster', () => {
  warnings();

  it(
    'keeps its promises under whatever faults',
    async () => {
      const failed: string[] = [];
      const met = new Set<string>();
      let sent = 0;
      for (let seed = from; seed <= to; seed += 1) {
        const { violations, faults, trace, statements } = await simulate(seed);
        for (const fault of faults) met.add(fault);
        sent += statements;
        if (violations.length === 0) continue;
        if (from === to) process.stdout.write(`${trace.join('\n')}\n`);
        const [first] = violations;
        failed.push(
          `SLUICE_SEEDS=${seed} (${faults.join(', ')}): at ${first?.at}: ${first?.invariant}: ${first?.what}`,
        );
      }
      expect(failed).toEqual([]);
      // a simulation in which nothing happens proves nothing
      expect(sent).toBeGreaterThan((to - from) * 100);
      if (to - from >= 100) expect([...met].toSorted()).toEqual(FAULTS.toSorted());
      if (process.env['SLUICE_SEEDS'] !== undefined) process.stdout.write(`${sent} statements\n`);
    },
    LIMIT_MS,
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('lives through seed %i in the same way twice', async (seed) => {
    const [once, again] = [await simulate(seed), await simulate(seed)];
    expect(hashOf(again)).toBe(hashOf(once));
    expect(hashOf(await simulate(seed + 1_000))).not.toBe(hashOf(once));
  });
});
