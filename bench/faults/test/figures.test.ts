import { describe, expect, it } from '@jest/globals';
import { figuresOf } from '../src/figures.js';
import type { Round } from '../src/round.js';
import type { Call } from '../src/trace.js';

const [PRIMARY, BROKEN, OTHER] = [1, 2, 3];

const read = (dueMs: number, tookMs: number, more: Partial<Call> = {}): Call => ({
  kind: 'read',
  dueMs,
  endMs: dueMs + tookMs,
  outcome: 'answered',
  servedBy: OTHER,
  ...more,
});

const write = (dueMs: number, token: string, outcome: Call['outcome'] = 'answered'): Call => ({
  kind: 'write',
  dueMs,
  endMs: dueMs + 5,
  outcome,
  token,
});

/** The fault from 1000 to 2000 ms, what was broken has caught up at 2100, the load ends at 4000. */
function roundOf(calls: readonly Call[], more: Partial<Round> = {}): Round {
  return {
    trace: { sent: calls.length, calls, attempts: undefined, told: [], unhandled: {} },
    marks: { faultMs: 1_000, brokenMs: 1_010, healingMs: 2_000, healedMs: 2_100, writableMs: undefined, stopMs: 4_000 },
    notes: new Map(),
    closeMs: 10,
    ended: true,
    unhandledAtClose: {},
    broken: ['replica-1'],
    brokenPorts: new Set([BROKEN]),
    replicas: 2,
    ...more,
  };
}

const traced = (calls: readonly Call[], more: Partial<Round['trace']>): Round => {
  const round = roundOf(calls);
  return { ...round, trace: { ...round.trace, ...more } };
};

describe('the figures of a fault', () => {
  it('counts a read without an end as failed, and a stale one as answered', () => {
    const calls = [
      read(0, 1),
      read(1_000, 1, { outcome: 'failed', error: 'ECONNREFUSED' }),
      read(1_100, 900, { outcome: 'unanswered' }),
      read(1_200, 1, { kind: 'own read', outcome: 'stale' }),
    ];
    expect(figuresOf([roundOf(calls)])).toMatchObject({
      reads: 4,
      failedReads: 2,
      unansweredReads: 1,
      staleReads: 1,
      writes: 0,
      errors: { 'read: ECONNREFUSED': 1, 'read: unanswered': 1 },
    });
  });

  it('tells the latencies before the fault from those while it lasts', () => {
    const figures = figuresOf([roundOf([read(500, 2), read(1_000, 20), read(2_099, 20), read(2_100, 500)])]);
    expect(figures.healthyP99Ms).toBeCloseTo(2, 1);
    expect(figures.p99Ms).toBeCloseTo(20, 0);
    expect(figures.p99Ratio).toBeCloseTo(10, 0);
    expect(figures.slowestMs).toBe(500);
  });

  it('counts acknowledged writes only as lost, and rows that are there twice as doubled', () => {
    const calls = [write(0, 'kept'), write(1, 'gone'), write(2, 'refused', 'failed'), write(3, 'twice')];
    const notes = new Map([
      ['kept', 1],
      ['twice', 2],
    ]);
    expect(figuresOf([roundOf(calls, { notes })])).toMatchObject({ writes: 4, failedWrites: 1, lost: 1, doubled: 1 });
  });

  it('takes the first thing that the cluster tells of the broken database since the fault', () => {
    const told = [
      { event: 'health', atMs: 900, database: 'replica-1', health: 'down' },
      { event: 'retry', atMs: 1_010, database: 'replica-2' },
      { event: 'health', atMs: 1_020, database: 'replica-1', health: 'up' },
      { event: 'retry', atMs: 1_030, database: 'replica-1' },
      { event: 'health', atMs: 1_040, database: 'replica-1', health: 'down' },
    ] as const;
    expect(figuresOf([traced([read(0, 1)], { told })]).noticedMs).toBe(20);
  });

  it('measures the way back from the moment that the database had caught up', () => {
    const before = read(900, 1, { servedBy: BROKEN });
    const back = (dueMs: number) => read(dueMs, 10, { servedBy: BROKEN });
    expect(figuresOf([roundOf([before, back(2_300), back(2_200)])]).backInUseMs).toBe(110);
    expect(figuresOf([roundOf([before, back(2_050)])]).backInUseMs).toBe(0);
    expect(figuresOf([roundOf([before, read(2_300, 1)])]).backInUseMs).toBeUndefined();
  });

  it('lets the round that went worst speak for all, and one without an end even more', () => {
    const quick = roundOf([read(2_200, 1, { servedBy: BROKEN })]);
    const slow = roundOf([read(2_500, 1, { servedBy: BROKEN })], { closeMs: 900 });
    const never = roundOf([read(2_500, 1)], { closeMs: null });
    expect(figuresOf([quick, slow])).toMatchObject({ backInUseMs: 401, closeMs: 900 });
    expect(figuresOf([quick, never])).toMatchObject({ backInUseMs: undefined, closeMs: undefined });
  });

  it('measures when writes are back by the first that was acknowledged after a server was promoted', () => {
    const round = roundOf([write(1_100, 'a'), write(1_500, 'b', 'failed'), write(1_700, 'c')]);
    const promoted = { ...round, marks: { ...round.marks, writableMs: 1_200 } };
    expect(figuresOf([promoted]).writesBackMs).toBe(505);
    expect(figuresOf([round]).writesBackMs).toBeUndefined();
  });

  it('says what part of the reads during the fault was answered by what was broken', () => {
    const served = (dueMs: number, servedBy: number) => read(dueMs, 1, { servedBy });
    const during = [BROKEN, OTHER, OTHER, OTHER].map((port) => served(1_500, port));
    const own = read(1_500, 1, { kind: 'own read', servedBy: BROKEN });
    expect(figuresOf([roundOf([served(900, BROKEN), ...during, own, served(2_500, BROKEN)])]).onBroken).toBe(0.25);
  });

  it('compares what was broken with its fair part of the last second', () => {
    const served = (servedBy: number) => read(3_500, 1, { servedBy });
    const calls = [read(2_500, 1, { servedBy: BROKEN }), ...[BROKEN, OTHER, OTHER, PRIMARY].map(served)];
    expect(figuresOf([roundOf(calls)]).share).toBe(0.5);
  });

  it('adds up what nobody handled, also while the contender closed', () => {
    const round = traced([read(0, 1)], { unhandled: { 'unhandledRejection: a': 2 } });
    const figures = figuresOf([{ ...round, unhandledAtClose: { 'uncaughtException: b': 1 } }]);
    expect(figures).toMatchObject({
      unhandled: 3,
      errors: { 'unhandledRejection: a': 2, 'uncaughtException: b': 1 },
    });
  });

  it('counts attempts for each call where they are told', () => {
    const calls = [read(0, 1), read(1, 1)];
    expect(figuresOf([traced(calls, { attempts: 3 }), traced(calls, { attempts: 2 })]).attemptsPerCall).toBe(1.25);
    expect(figuresOf([traced(calls, { attempts: undefined })]).attemptsPerCall).toBeUndefined();
  });
});
