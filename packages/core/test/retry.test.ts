import { describe, expect, it } from '@jest/globals';
import type { Failure } from '../src/failure.js';
import type { Step } from '../src/retry.js';
import { afterFailure, RetryBudget } from '../src/retry.js';
import { ManualClock } from '../src/testing/manual-clock.js';

/** For each failure what follows: of a read and a write that were not sent, and of a read and a write that were. */
const RULE: Readonly<Record<Failure, readonly [Step, Step, Step, Step]>> = {
  unreachable: ['elsewhere', 'elsewhere', 'elsewhere', 'unknown'],
  overloaded: ['elsewhere', 'elsewhere', 'elsewhere', 'elsewhere'],
  unusable: ['elsewhere', 'elsewhere', 'fail', 'fail'],
  lost: ['elsewhere', 'elsewhere', 'elsewhere', 'unknown'],
  'not-ready': ['elsewhere', 'elsewhere', 'elsewhere', 'elsewhere'],
  'read-only': ['elsewhere', 'elsewhere', 'elsewhere', 'elsewhere'],
  conflict: ['elsewhere', 'fail', 'elsewhere', 'fail'],
  timeout: ['fail', 'fail', 'fail', 'fail'],
  abandoned: ['fail', 'fail', 'fail', 'fail'],
  application: ['fail', 'fail', 'fail', 'fail'],
};

describe.each(Object.entries(RULE) as [Failure, (typeof RULE)[Failure]][])('after %s', (failure, steps) => {
  it.each([
    ['a read that was not sent', false, false, steps[0]],
    ['a write that was not sent', false, true, steps[1]],
    ['a read that was sent', true, false, steps[2]],
    ['a write that was sent', true, true, steps[3]],
  ])('%s: %s', (_what, sent, write, step) => {
    expect(afterFailure(failure, { sent, write })).toBe(step);
  });
});

describe('the retry budget', () => {
  function drained(): { readonly budget: RetryBudget; readonly clock: ManualClock } {
    const clock = new ManualClock();
    const budget = new RetryBudget(clock);
    while (budget.withdraw());
    return { budget, clock };
  }
  const allowed = (budget: RetryBudget): number => {
    let count = 0;
    while (budget.withdraw()) count += 1;
    return count;
  };

  it('allows 100 repeats at once to a cluster that was idle, and no more', () => {
    expect(allowed(new RetryBudget(new ManualClock()))).toBe(100);
  });

  it('allows a repeat for every five reads', () => {
    const { budget } = drained();
    for (let reads = 0; reads < 250; reads += 1) budget.deposit();
    expect(allowed(budget)).toBe(50);
    for (let reads = 0; reads < 4; reads += 1) budget.deposit();
    expect(budget.withdraw()).toBe(false);
  });

  it('saves up no more than 200 repeats, however many reads there were', () => {
    const budget = new RetryBudget(new ManualClock());
    for (let reads = 0; reads < 10_000; reads += 1) budget.deposit();
    expect(allowed(budget)).toBe(200);
  });

  it.each([
    [99, 0],
    [101, 1],
    [5_000, 50],
    [10_000, 100],
    [60_000, 100],
  ])('allows again, %i ms after it was used up: %i', async (ms, count) => {
    const { budget, clock } = drained();
    await clock.advance(ms);
    expect(allowed(budget)).toBe(count);
  });

  it('takes nothing away when time passes', async () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(clock);
    for (let reads = 0; reads < 10_000; reads += 1) budget.deposit();
    await clock.advance(60_000);
    expect(allowed(budget)).toBe(200);
  });
});
