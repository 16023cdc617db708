import { describe, expect, it } from '@jest/globals';
import type { Figures } from '../src/figures.js';
import { markdown } from '../src/readme.js';
import { report } from '../src/report.js';
import type { Result } from '../src/result.js';
import { missed } from '../src/result.js';

const FLAWLESS: Figures = {
  rounds: 1,
  sent: 1_100,
  reads: 1_000,
  failedReads: 0,
  unansweredReads: 0,
  staleReads: 0,
  slowestMs: 90,
  healthyP50Ms: 1,
  healthyP99Ms: 4,
  p50Ms: 1,
  p99Ms: 5,
  p99Ratio: 1.25,
  writes: 100,
  failedWrites: 0,
  lost: 0,
  doubled: 0,
  attemptsPerCall: 1.01,
  noticedMs: 7,
  backInUseMs: 80,
  writesBackMs: undefined,
  onBroken: 0,
  share: 1,
  unhandled: 0,
  closeMs: 3,
  lingering: 0,
  errors: {},
};

const MACHINE = {
  processor: 'Some CPU',
  cores: 2,
  node: 'v24.0.0',
  engines: ['MariaDB 10.11', 'PostgreSQL 15.1'],
  orms: ['TypeORM 1.1.1'],
  loadAverage: 0.5,
};

const resultOf = (more: Partial<Result>, figures: Partial<Figures> = {}): Result => ({
  scenario: 'killed',
  engine: 'postgres',
  contender: 'sluice-typeorm',
  ...more,
  figures: { ...FLAWLESS, ...figures },
});

describe('the targets of a fault', () => {
  it('are all met by flawless figures', () => {
    expect(missed(resultOf({}))).toEqual([]);
  });

  it('are missed by one failed read, and by what never came', () => {
    expect(missed(resultOf({}, { failedReads: 1, backInUseMs: undefined, closeMs: undefined }))).toEqual([
      { figure: 'failedReads', most: 0 },
      { figure: 'closeMs', most: 1_000 },
      { figure: 'backInUseMs', most: 1_000 },
    ]);
  });

  it('are of the fault: only a slow replica has a least share', () => {
    expect(missed(resultOf({}, { share: 0.7 }))).toEqual([]);
    expect(missed(resultOf({ scenario: 'slow' }, { share: 0.7 }))).toEqual([{ figure: 'share', least: 0.75 }]);
  });

  it('ask stock ORMs for nothing that only Sluice tells', () => {
    const told = { noticedMs: undefined, attemptsPerCall: undefined };
    expect(missed(resultOf({ contender: 'typeorm' }, told))).toEqual([]);
    expect(missed(resultOf({}, told))).toEqual([{ figure: 'noticedMs', most: 20 }]);
  });
});

describe('the report', () => {
  const results = [
    resultOf({ contender: 'typeorm' }, { failedReads: 40, errors: { 'read: ECONNREFUSED': 40 } }),
    resultOf({}),
    resultOf({ contender: 'typeorm', engine: 'mariadb' }, { failedReads: 2, slowestMs: 4_000 }),
    resultOf({ engine: 'mariadb' }, { noticedMs: 31.5 }),
  ];

  it('names the machine, marks what was missed, and lists what Sluice missed', () => {
    const text = report(MACHINE, results);
    expect(text).toContain('Some CPU, 2 cores, load 0.5 before; MariaDB 10.11, PostgreSQL 15.1, TypeORM 1.1.1');
    expect(text).toContain('40 ✗');
    expect(text).toContain('stock TypeORM, postgres: 40 × read: ECONNREFUSED');
    expect(text).toContain('Sluice missed 1 target:\nkilled, mariadb, Sluice on TypeORM: noticedMs 31.50, not ≤ 20');
  });

  it('puts all engines together in a row for each fault of the README', () => {
    const text = markdown(MACHINE, results);
    expect(text).toContain('| a replica is killed (SIGKILL) | 42 of 2000, 4000 ms | 0 of 2000, 90 ms |');
    expect(text).toContain('| failed reads | 42 | 0 |');
  });
});
