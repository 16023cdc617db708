import { describe, expect, it } from '@jest/globals';
import type { Health } from '../../src/databases.js';
import type { Limits, Reading, Verdict } from '../../src/health/verdict.js';
import { checkAfterMs, HEALTHY, judge, served } from '../../src/health/verdict.js';

const LIMITS: Limits = { failures: 2, maxLagMs: 1_000, slowStartMs: 2_000 };
const alive: Reading = { kind: 'alive' };
const behind = (lagMs: number): Reading => ({ kind: 'alive', lagMs });
const refused: Reading = { kind: 'refused', error: 'refused' };
const frozen: Reading = { kind: 'frozen', error: 'frozen' };
const silent: Reading = { kind: 'silent', error: 'silent' };
const disputed: Reading = { kind: 'disputed', error: 'disputed' };
const drain: Reading = { kind: 'drain' };
const undrain: Reading = { kind: 'undrain' };

const verdict = (health: Health, more: Partial<Verdict> = {}): Verdict => ({ ...HEALTHY, health, since: 0, ...more });
/** The health after these readings, one every 100 ms. */
const healths = (from: Verdict, readings: readonly Reading[], limits = LIMITS): Health[] => {
  let now = from;
  return readings.map((reading, index) => (now = judge(now, reading, limits, 100 * (index + 1))).health);
};

describe('judge()', () => {
  it.each<[Health, Reading, Health]>([
    ['up', alive, 'up'],
    ['up', behind(1_000), 'up'],
    ['up', behind(1_001), 'lagging'],
    ['up', silent, 'suspect'],
    ['up', refused, 'down'],
    ['up', frozen, 'down'],
    ['up', disputed, 'recovering'],
    ['up', drain, 'draining'],
    ['up', undrain, 'up'],
    ['suspect', alive, 'up'],
    ['suspect', behind(1_001), 'lagging'],
    ['suspect', silent, 'down'],
    ['suspect', refused, 'down'],
    ['suspect', frozen, 'down'],
    ['suspect', disputed, 'recovering'],
    ['suspect', drain, 'draining'],
    ['down', alive, 'warming'],
    ['down', behind(500), 'warming'],
    ['down', behind(501), 'recovering'],
    ['down', silent, 'down'],
    ['down', refused, 'down'],
    ['down', frozen, 'down'],
    ['down', disputed, 'recovering'],
    ['down', drain, 'draining'],
    ['recovering', alive, 'warming'],
    ['recovering', behind(501), 'recovering'],
    ['recovering', behind(500), 'warming'],
    ['recovering', silent, 'down'],
    ['recovering', refused, 'down'],
    ['recovering', drain, 'draining'],
    ['warming', alive, 'warming'],
    ['warming', behind(1_001), 'lagging'],
    ['warming', silent, 'suspect'],
    ['warming', refused, 'down'],
    ['warming', disputed, 'recovering'],
    ['lagging', alive, 'up'],
    ['lagging', behind(501), 'lagging'],
    ['lagging', behind(500), 'up'],
    ['lagging', silent, 'lagging'],
    ['lagging', refused, 'down'],
    ['lagging', frozen, 'down'],
    ['lagging', drain, 'draining'],
    ['draining', alive, 'draining'],
    ['draining', behind(5_000), 'draining'],
    ['draining', silent, 'draining'],
    ['draining', refused, 'draining'],
    ['draining', disputed, 'draining'],
    ['draining', undrain, 'recovering'],
  ])('%s, then %j: %s', (before, reading, after) => {
    const failures = before === 'suspect' ? 1 : 0;
    expect(judge(verdict(before, { failures }), reading, LIMITS, 1_999).health).toBe(after);
  });

  it('takes a database down after as many silent readings in a row as the limit says', () => {
    const limits = { ...LIMITS, failures: 4 };
    expect(healths(HEALTHY, [silent, silent, silent, silent], limits)).toEqual([
      'suspect',
      'suspect',
      'suspect',
      'down',
    ]);
    expect(healths(HEALTHY, [silent, alive, silent, alive], limits)).toEqual(['suspect', 'up', 'suspect', 'up']);
  });

  it('lets a database that is back warm up for as long as the slow start takes', () => {
    const back = judge(verdict('down', { failures: 2, relapses: 1 }), alive, LIMITS, 5_000);
    expect(back).toMatchObject({ health: 'warming', since: 5_000, failures: 0, relapses: 1 });
    expect(judge(back, alive, LIMITS, 6_999).health).toBe('warming');
    expect(judge(back, alive, LIMITS, 7_000)).toMatchObject({ health: 'up', since: 7_000 });
  });

  it('goes on with the same slow start while the database answers', () => {
    let now = judge(verdict('down'), alive, LIMITS, 0);
    for (let at = 100; at < 2_000; at += 100) now = judge(now, alive, LIMITS, at);
    expect(now).toMatchObject({ health: 'warming', since: 0 });
  });

  it('counts each time that a database goes down, and forgets them when it has stayed up for 10 s', () => {
    let now = HEALTHY;
    for (const reading of [refused, silent, alive, refused]) now = judge(now, reading, LIMITS, 0);
    expect(now.relapses).toBe(2);
    now = judge(judge(now, alive, LIMITS, 100), alive, LIMITS, 2_100);
    expect(now).toMatchObject({ health: 'up', since: 2_100 });
    expect(judge(now, alive, LIMITS, 12_099).relapses).toBe(2);
    expect(judge(now, alive, LIMITS, 12_100).relapses).toBe(0);
  });

  it('says why, and how far behind a replica is', () => {
    expect(judge(HEALTHY, refused, LIMITS, 0).reason).toBe('refused');
    expect(judge(verdict('down'), alive, LIMITS, 0).reason).toBe('it answers');
    expect(judge(HEALTHY, behind(1_500.4), LIMITS, 0)).toMatchObject({
      lagMs: 1_500.4,
      reason: 'it is 1500 ms behind',
    });
    expect(judge(verdict('up', { lagMs: 30 }), silent, LIMITS, 0).lagMs).toBeUndefined();
  });

  it('makes nothing new of a healthy database that answers', () => {
    expect(judge(HEALTHY, alive, LIMITS, 0)).toBe(HEALTHY);
    const replica = verdict('up', { lagMs: 0 });
    expect(judge(replica, behind(0), LIMITS, 100)).toBe(replica);
  });
});

describe('served()', () => {
  it('forgets the failures before it, and no outage', () => {
    expect(served(verdict('up', { failures: 1, relapses: 5 }))).toMatchObject({ failures: 0, relapses: 5 });
  });

  it('makes nothing new where there is nothing to forgive', () => {
    const before = verdict('up');
    expect(served(before)).toBe(before);
  });
});

describe('checkAfterMs()', () => {
  it.each<[Health, number, number]>([
    ['up', 0, 1_000],
    ['lagging', 0, 1_000],
    ['draining', 0, 1_000],
    ['suspect', 0, 250],
    ['recovering', 1, 250],
    ['warming', 1, 250],
    ['down', 1, 250],
    ['down', 2, 500],
    ['down', 3, 1_000],
    ['down', 7, 10_000],
    ['down', 50, 10_000],
  ])('%s after %i outages: %i ms', (health, relapses, ms) => {
    expect(checkAfterMs(verdict(health, { relapses }), 1_000)).toBe(ms);
  });

  it('never takes longer over a database that is not well than over one that is', () => {
    for (const health of ['suspect', 'recovering', 'warming'] as const) {
      expect(checkAfterMs(verdict(health), 100)).toBe(100);
    }
    expect(checkAfterMs(verdict('down', { relapses: 1 }), 100)).toBe(100);
  });
});
