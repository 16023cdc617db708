import type { Health } from '../databases.js';

/** What a check of one database found, or what a statement met there. */
export type Reading =
  /** `lagMs`: milliseconds behind the primary; undefined: not known, or it is the primary. */
  | { readonly kind: 'alive'; readonly lagMs?: number | undefined }
  /** Nobody listens there: certain, no second opinion is needed. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Connections are open, and nothing on any of them was answered: as certain. */
  | { readonly kind: 'frozen'; readonly error: string }
  /** It answers checks, and one statement after the other loses its connection there: as certain. */
  | { readonly kind: 'failing'; readonly error: string }
  /** No answer in time, or a connection that ended: worth a closer look. */
  | { readonly kind: 'silent'; readonly error: string }
  /** It answers, and has no connection to spare: it gets less for a while. */
  | { readonly kind: 'full'; readonly error: string }
  /** It takes writes although another database is the primary: nothing that it holds is replicated. */
  | { readonly kind: 'disputed'; readonly error: string }
  | { readonly kind: 'drain' }
  | { readonly kind: 'undrain' };

export interface Verdict {
  readonly health: Health;
  /** Monotonic milliseconds: when its health last changed. */
  readonly since: number;
  /** Readings in a row that were not `alive`. */
  readonly failures: number;
  /** Times that it went down without having stayed up since. */
  readonly relapses: number;
  /** Milliseconds behind the primary at the last check; undefined: not known. */
  readonly lagMs: number | undefined;
  readonly reason: string;
}

export interface Limits {
  /** Silent readings in a row before a database is down. */
  readonly failures: number;
  /** A replica that is further behind is not read. Milliseconds. */
  readonly maxLagMs: number;
  /** For so long a database that comes back gets less than its share of the reads. Milliseconds. */
  readonly slowStartMs: number;
}

export const HEALTHY: Verdict = {
  health: 'up',
  since: -Infinity,
  failures: 0,
  relapses: 0,
  lagMs: undefined,
  reason: 'not checked yet',
};

/** A database that stayed up for so long has earned the trust of one that never went down. */
const FORGIVEN_MS = 10_000;

/** What serves, and may be given less. */
const RELIEVED: ReadonlySet<Health> = new Set(['up', 'suspect', 'warming']);

/** Folds one reading, made at `now`, into the verdict so far. */
export function judge(before: Verdict, reading: Reading, limits: Limits, now: number): Verdict {
  switch (reading.kind) {
    case 'alive':
      return alive(before, reading.lagMs, limits, now);
    case 'full':
      return RELIEVED.has(before.health) ? { ...turned(before, 'warming', reading.error, now), since: now } : before;
    case 'drain':
      return turned(before, 'draining', 'it is being drained', now);
    case 'undrain':
      return before.health === 'draining' ? turned(before, 'recovering', 'it is no longer drained', now) : before;
    case 'disputed':
      return before.health === 'draining' ? before : turned(before, 'recovering', reading.error, now);
    case 'refused':
    case 'frozen':
    case 'failing':
    case 'silent':
      return failed(before, reading, limits, now);
  }
}

function alive(before: Verdict, lagMs: number | undefined, limits: Limits, now: number): Verdict {
  const seen = before.failures === 0 && before.lagMs === lagMs ? before : { ...before, failures: 0, lagMs };
  const behind = `it is ${Math.round(lagMs ?? 0)} ms behind`;
  switch (before.health) {
    case 'draining':
      return seen;
    case 'up':
    case 'suspect':
      if (isBehind(lagMs, limits.maxLagMs)) return turned(seen, 'lagging', behind, now);
      if (before.health === 'suspect') return turned(seen, 'up', 'it answers', now);
      return seen.relapses > 0 && now - seen.since >= FORGIVEN_MS ? { ...seen, relapses: 0 } : seen;
    case 'lagging':
      // half of the limit, so that one that stays near it does not come and go
      return isBehind(lagMs, limits.maxLagMs / 2) ? seen : turned(seen, 'up', 'it has caught up', now);
    case 'down':
    case 'recovering':
      if (isBehind(lagMs, limits.maxLagMs / 2)) return turned(seen, 'recovering', behind, now);
      return turned(seen, limits.slowStartMs === 0 ? 'up' : 'warming', 'it answers', now);
    case 'warming':
      if (isBehind(lagMs, limits.maxLagMs)) return turned(seen, 'lagging', behind, now);
      return now - before.since >= limits.slowStartMs ? turned(seen, 'up', 'it is warm', now) : seen;
  }
}

function failed(
  before: Verdict,
  { kind, error }: Extract<Reading, { readonly error: string }>,
  limits: Limits,
  now: number,
): Verdict {
  const failures = before.failures + 1;
  const seen = { ...before, failures, lagMs: undefined, reason: error };
  if (before.health === 'down' || before.health === 'draining') return seen;
  const certain = kind !== 'silent' || before.health === 'recovering';
  if (certain || failures >= limits.failures) {
    return turned({ ...seen, relapses: before.relapses + 1 }, 'down', error, now);
  }
  // one that is not read is not worth a suspicion
  return before.health === 'lagging' ? seen : turned(seen, 'suspect', error, now);
}

function isBehind(lagMs: number | undefined, limitMs: number): boolean {
  return lagMs !== undefined && lagMs > limitMs;
}

function turned(verdict: Verdict, health: Health, reason: string, now: number): Verdict {
  return verdict.health === health ? { ...verdict, reason } : { ...verdict, health, reason, since: now };
}

/** What a database that is back begins with, of its share. */
const FIRST_SHARE = 0.1;

/** The part of its share of the reads that a database gets now: it grows while the database is warming. */
export function shareOf({ health, since }: Verdict, slowStartMs: number, now: number): number {
  if (health !== 'warming') return 1;
  return Math.min(1, Math.max((now - since) / slowStartMs, FIRST_SHARE));
}

/** The verdict after a statement was served: a failure before it says nothing any more. */
export function served(before: Verdict): Verdict {
  return before.failures === 0 ? before : { ...before, failures: 0 };
}

/** Milliseconds before a database that failed is looked at again, the first time. */
const AGAIN_MS = 250;

/**
 * Milliseconds until the next check: the interval while it serves; soon after a failure, then less and less often
 * while a database keeps going down, up to 40 times the first delay.
 */
export function checkAfterMs({ health, relapses }: Verdict, intervalMs: number): number {
  const soon = Math.min(intervalMs, AGAIN_MS);
  switch (health) {
    case 'up':
    case 'lagging':
    case 'draining':
      return intervalMs;
    case 'warming':
    case 'suspect':
    case 'recovering':
      return soon;
    case 'down':
      return soon * Math.min(2 ** Math.max(0, relapses - 1), 40);
  }
}
