import { beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeOn } from '../../../test/support/tested.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const bench = (...args: readonly string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

interface Row {
  readonly what: string;
  readonly singleUs?: number;
  readonly replicationUs?: number;
  readonly sluiceUs: number;
  readonly ratio?: { readonly low: number; readonly median: number; readonly high: number };
  readonly target?: { readonly of: string; readonly most: number };
  readonly met?: boolean;
}

/** Generous: this runs beside other tests, and only a disaster should fail here. */
const DISASTER_US = 5;

describeOn('mariadb', 'postgres')('the benchmark of routing, in a hurry', () => {
  let rows: readonly Row[] = [];
  const row = (what: string) => rows.find((each) => each.what === what);

  beforeAll(async () => {
    rows = JSON.parse((await bench('--quick', '--json')).stdout) as Row[];
  }, 180_000);

  it.each(['a read', 'a read, in a session', 'a read, in a pinned session', 'a write'])(
    'decides %s in time',
    (what) => {
      const { sluiceUs, target } = row(`decide ${what}`)!;
      expect(sluiceUs).toBeGreaterThan(0);
      expect(sluiceUs).toBeLessThan(DISASTER_US);
      expect(target).toEqual({ of: 'sluiceUs', most: 1 });
    },
  );

  it('recognises a known statement in time', () => {
    expect(row('classify a known statement')!.sluiceUs).toBeLessThan(DISASTER_US);
    expect(row('classify a new statement')!.sluiceUs).toBeGreaterThan(0);
  });

  it.each(['postgres', 'mariadb'])('compares every call on %s with both kinds of stock TypeORM', (engine) => {
    for (const what of [
      `${engine} without a server, findOneBy, CPU`,
      `${engine} without a server, findOneBy, no session, CPU`,
      `${engine} without a server, query, CPU`,
      `${engine}, findOneBy, wall`,
      `${engine}, findOneBy, CPU`,
      `${engine}, findOneBy, no session, CPU`,
      `${engine}, query, wall`,
      `${engine}, query, CPU`,
      `${engine}, insert, wall`,
      `${engine}, insert, CPU`,
    ]) {
      const { singleUs, replicationUs, sluiceUs, ratio } = row(what) ?? {};
      for (const time of [singleUs, replicationUs, sluiceUs]) expect([what, time! > 0]).toEqual([what, true]);
      expect([what, ratio!.low <= ratio!.median && ratio!.median <= ratio!.high]).toEqual([what, true]);
    }
    expect(row(`${engine}, findOneBy, wall`)!.target).toEqual({ of: 'ratio', most: 1.02 });
  });

  it('says of every row with a target whether it was met', () => {
    for (const { what, target, met } of rows)
      expect([what, typeof met]).toEqual([what, target ? 'boolean' : 'undefined']);
  });

  it('refuses a part that there is not', async () => {
    await expect(bench('--only', 'nothing')).rejects.toMatchObject({ stderr: expect.stringContaining('allowed are') });
  });
});
