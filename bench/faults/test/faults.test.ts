import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const bench = (...args: readonly string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

interface Result {
  readonly scenario: string;
  readonly engine: string;
  readonly contender: string;
  readonly figures: Readonly<Record<string, number>> & { readonly errors: Readonly<Record<string, number>> };
  readonly missed: readonly { readonly figure: string }[];
}

/** What `--quick` asks for. */
const [READS_PER_SECOND, WRITES_PER_SECOND, AT_LEAST_SECONDS] = [100, 20, 2];

describe('the benchmark of faults, in a hurry', () => {
  let results: readonly Result[] = [];
  const of = (contender: string) => results.find((result) => result.contender === contender)!;

  beforeAll(async () => {
    // PostgreSQL is on every machine
    const { stdout } = await bench('--quick', '--json', '--only', 'killed', '--engine', 'postgres', '--orm', 'typeorm');
    ({ results } = JSON.parse(stdout) as { results: readonly Result[] });
  }, 60_000);

  it('puts every contender under the same fault', () => {
    expect(results.map(({ scenario, engine, contender }) => [scenario, engine, contender])).toEqual([
      ['killed', 'postgres', 'typeorm'],
      ['killed', 'postgres', 'sluice-typeorm'],
    ]);
  });

  it.each(['typeorm', 'sluice-typeorm'])('knows what became of every call of %s', (contender) => {
    const { figures } = of(contender);
    expect(figures['reads']! + figures['writes']!).toBe(figures['sent']);
    expect(figures['writes']).toBeGreaterThanOrEqual(WRITES_PER_SECOND * AT_LEAST_SECONDS);
    // each write that was acknowledged was read back, but for those under way at the end
    const ownReads = figures['writes']! - figures['failedWrites']!;
    expect(figures['reads']).toBeGreaterThanOrEqual(READS_PER_SECOND * AT_LEAST_SECONDS);
    expect(figures['reads']! - ownReads).toBeGreaterThanOrEqual(READS_PER_SECOND * AT_LEAST_SECONDS - 1);
    const failures = Object.values(figures.errors).reduce((sum, times) => sum + times, 0);
    expect(failures).toBe(figures['failedReads']! + figures['failedWrites']! + figures['unhandled']!);
  });

  it('sees stock TypeORM lose reads of a replica that was killed, and Sluice lose none', () => {
    expect(of('typeorm').figures['failedReads']).toBeGreaterThan(0);
    expect(of('sluice-typeorm').figures['failedReads']).toBe(0);
  });

  it.each(['typeorm', 'sluice-typeorm'])('finds every acknowledged write of %s once', (contender) => {
    expect(of(contender).figures).toMatchObject({ lost: 0, doubled: 0 });
  });

  it('says which targets were missed', () => {
    expect(of('typeorm').missed).toContainEqual({ figure: 'failedReads', most: 0 });
    expect(of('sluice-typeorm').missed).not.toContainEqual({ figure: 'failedReads', most: 0 });
  });

  it.each([
    ['--only', 'nothing'],
    ['--engine', 'oracle'],
    ['--orm', 'none'],
    ['--rounds', 'many'],
  ])('refuses %s %s', async (flag, value) => {
    await expect(bench(flag, value)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(flag) });
  });
});
