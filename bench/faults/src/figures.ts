import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Round } from './round.js';
import type { Call } from './trace.js';

/** What the rounds of one contender under one fault came to: counts are summed up, of times the worst counts. */
export interface Figures {
  readonly rounds: number;
  /** Calls that were sent: as many as reads and writes. */
  readonly sent: number;
  /** Reads and own reads. */
  readonly reads: number;
  /** The unanswered ones among them, too. */
  readonly failedReads: number;
  readonly unansweredReads: number;
  /** Own reads that did not show what was written. */
  readonly staleReads: number;
  readonly slowestMs: number;
  /** Of the reads that were due before the fault. */
  readonly healthyP50Ms: number;
  readonly healthyP99Ms: number;
  /** Of the reads that were due while the fault lasted. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p99Ratio: number;
  readonly writes: number;
  readonly failedWrites: number;
  /** Acknowledged writes that the surviving primary does not have, and writes that it has more than once. */
  readonly lost: number;
  readonly doubled: number;
  /** Databases asked for each call of the ORM; undefined: the contender does not tell. */
  readonly attemptsPerCall: number | undefined;
  /** From the moment that the fault was there until the cluster told of it, by a verdict or a retry. */
  readonly noticedMs: number | undefined;
  /** From the moment that what was broken had caught up until it served a read. */
  readonly backInUseMs: number | undefined;
  /** From the moment that a server was promoted until a write was acknowledged. */
  readonly writesBackMs: number | undefined;
  /** Part of the reads that were due during the fault which what was broken answered. */
  readonly onBroken: number;
  /** Of what was broken, in the last second: its part of the reads ÷ its fair part. */
  readonly share: number | undefined;
  /** Unhandled rejections and uncaught exceptions. */
  readonly unhandled: number;
  readonly closeMs: number | undefined;
  /** Processes that did not end by themselves once their ORM was closed. */
  readonly lingering: number;
  /** How often each, of failed reads and writes, and of what was unhandled. */
  readonly errors: Readonly<Record<string, number>>;
}

export function figuresOf(rounds: readonly Round[]): Figures {
  const calls = rounds.flatMap(({ trace }) => trace.calls);
  const reads = calls.filter(isRead);
  const writes = calls.filter(({ kind }) => kind === 'write');
  const healthy = latencies(rounds, ({ dueMs }, { marks }) => dueMs < marks.faultMs);
  const broken = latencies(rounds, ({ dueMs }, { marks }) => dueMs >= marks.faultMs && dueMs < marks.healedMs);
  return {
    rounds: rounds.length,
    sent: sum(rounds.map(({ trace }) => trace.sent)),
    reads: reads.length,
    failedReads: reads.filter(isLost).length,
    unansweredReads: reads.filter(({ outcome }) => outcome === 'unanswered').length,
    staleReads: reads.filter(({ outcome }) => outcome === 'stale').length,
    slowestMs: most(reads.map(({ dueMs, endMs }) => endMs - dueMs)),
    healthyP50Ms: percentile(healthy, 50),
    healthyP99Ms: percentile(healthy, 99),
    p50Ms: percentile(broken, 50),
    p99Ms: percentile(broken, 99),
    p99Ratio: percentile(broken, 99) / percentile(healthy, 99),
    writes: writes.length,
    failedWrites: writes.filter(isLost).length,
    lost: sum(rounds.map(lost)),
    doubled: sum(rounds.map(({ notes }) => [...notes.values()].filter((times) => times > 1).length)),
    attemptsPerCall: attemptsPerCall(rounds),
    noticedMs: worst(rounds.map(noticedMs)),
    backInUseMs: worst(rounds.map(backInUseMs)),
    writesBackMs: worst(rounds.map(writesBackMs)),
    onBroken: onBroken(rounds),
    share: share(rounds),
    unhandled: sum(rounds.flatMap(({ trace, unhandledAtClose }) => [trace.unhandled, unhandledAtClose].map(total))),
    closeMs: worst(rounds.map(({ closeMs }) => closeMs ?? undefined)),
    lingering: rounds.filter(({ ended }) => !ended).length,
    errors: errors(rounds),
  };
}

function isRead({ kind }: Call): boolean {
  return kind !== 'write';
}

function isLost({ outcome }: Call): boolean {
  return outcome === 'failed' || outcome === 'unanswered';
}

/** Microseconds of the reads that were due at some time; failed ones, too: the user waited for them. */
function latencies(rounds: readonly Round[], isMeant: (call: Call, round: Round) => boolean): RecordableHistogram {
  const histogram = createHistogram();
  for (const round of rounds) {
    for (const call of round.trace.calls) {
      if (!isRead(call) || !isMeant(call, round)) continue;
      histogram.record(Math.max(1, Math.round((call.endMs - call.dueMs) * 1_000)));
    }
  }
  return histogram;
}

function percentile(microseconds: RecordableHistogram, of: number): number {
  return microseconds.count === 0 ? Number.NaN : microseconds.percentile(of) / 1_000;
}

function lost({ trace, notes }: Round): number {
  return trace.calls.filter(({ token, outcome }) => outcome === 'answered' && token !== undefined && !notes.has(token))
    .length;
}

function attemptsPerCall(rounds: readonly Round[]): number | undefined {
  const attempts = rounds.map(({ trace }) => trace.attempts);
  if (attempts.includes(undefined)) return undefined;
  return sum(attempts.map((each) => each ?? 0)) / sum(rounds.map(({ trace }) => trace.sent));
}

function noticedMs({ trace, marks, broken }: Round): number | undefined {
  const first = trace.told.find(
    ({ atMs, database, health }) => atMs >= marks.faultMs && broken.includes(database) && health !== 'up',
  );
  return first && Math.max(0, first.atMs - marks.brokenMs);
}

/** 0 if it served before it had caught up. The last of several counts. */
function backInUseMs({ trace, marks, brokenPorts }: Round): number | undefined {
  return worst(
    [...brokenPorts].map((port) => {
      const served = trace.calls.filter(({ servedBy, dueMs }) => servedBy === port && dueMs >= marks.healingMs);
      if (served.length === 0) return undefined;
      return Math.max(0, earliest(served) - marks.healedMs);
    }),
  );
}

function writesBackMs({ trace, marks: { writableMs } }: Round): number | undefined {
  if (writableMs === undefined) return undefined;
  const written = trace.calls.filter(
    ({ kind, outcome, endMs }) => kind === 'write' && outcome === 'answered' && endMs >= writableMs,
  );
  return written.length === 0 ? undefined : earliest(written) - writableMs;
}

function earliest(calls: readonly Call[]): number {
  return calls.reduce((before, { endMs }) => Math.min(before, endMs), Infinity);
}

function onBroken(rounds: readonly Round[]): number {
  const served = rounds.flatMap(({ trace, marks, brokenPorts }) =>
    trace.calls
      .filter(({ kind, dueMs }) => kind === 'read' && dueMs >= marks.brokenMs && dueMs < marks.healingMs)
      .map(({ servedBy = 0 }) => (brokenPorts.has(servedBy) ? 1 : 0)),
  );
  return sum(served) / served.length;
}

function share(rounds: readonly Round[]): number | undefined {
  const last = rounds.flatMap(({ trace, marks, brokenPorts, replicas }) =>
    trace.calls
      .filter(({ kind, dueMs, servedBy }) => kind === 'read' && dueMs >= marks.stopMs - 1_000 && servedBy !== undefined)
      .map(({ servedBy = 0 }) => (brokenPorts.has(servedBy) ? replicas / brokenPorts.size : 0)),
  );
  return last.length === 0 ? undefined : sum(last) / last.length;
}

function errors(rounds: readonly Round[]): Figures['errors'] {
  const counted: Record<string, number> = {};
  const count = (text: string, times: number): void => {
    counted[text] = (counted[text] ?? 0) + times;
  };
  for (const { trace, unhandledAtClose } of rounds) {
    for (const { kind, outcome, error = outcome } of trace.calls.filter(isLost)) count(`${kind}: ${error}`, 1);
    for (const all of [trace.unhandled, unhandledAtClose]) {
      for (const [text, times] of Object.entries(all)) count(text, times);
    }
  }
  return counted;
}

function total(counts: Readonly<Record<string, number>>): number {
  return sum(Object.values(counts));
}

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}

/** Not by `Math.max(...)`: these can be more values than a call takes arguments. */
function most(values: readonly number[]): number {
  return values.reduce((before, value) => Math.max(before, value), 0);
}

/** Undefined if one of them is: that never came. */
function worst(values: readonly (number | undefined)[]): number | undefined {
  return values.includes(undefined) ? undefined : most(values.map((value) => value ?? 0));
}
