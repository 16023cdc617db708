import { describe, expect, it } from '@jest/globals';
import { RoleCall } from '../../src/health/role-call.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { turns } from '../support/turns.js';

/** A role call, the times at which all were asked, and how to let them answer. */
function calling(): { readonly clock: ManualClock; readonly calls: number[]; readonly call: RoleCall; answer(): void } {
  const clock = new ManualClock();
  const calls: number[] = [];
  let settle = (): void => {};
  const call = new RoleCall(clock, () => {
    calls.push(clock.now());
    return new Promise((resolve) => {
      settle = resolve;
    });
  });
  return { clock, calls, call, answer: () => settle() };
}

describe('a role call', () => {
  it('asks at once', () => {
    const { call, calls } = calling();
    void call.hold();
    expect(calls).toEqual([0]);
  });

  it('is shared by those who ask while it is under way, and settles for all of them', async () => {
    const { call, calls, answer } = calling();
    const heard = Promise.all([call.hold(), call.hold(), call.hold()]);
    answer();
    await heard;
    expect(calls).toHaveLength(1);
  });

  it('is made four times a second at the most', async () => {
    const { clock, calls, call, answer } = calling();
    for (let asked = 0; asked < 1_000; asked += 1) {
      void call.hold();
      await clock.advance(2);
      answer();
      await turns();
    }
    expect(calls.length).toBeGreaterThanOrEqual(8);
    for (const [index, at] of calls.entries()) {
      expect(at - (calls[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(250);
    }
  });

  it('is shared by those who wait for their turn, too', async () => {
    const { clock, calls, call, answer } = calling();
    void call.hold();
    answer();
    await turns();
    let heard = 0;
    for (let asked = 0; asked < 3; asked += 1) void call.hold().then(() => (heard += 1));
    await clock.advance(249);
    expect(calls).toEqual([0]);
    await clock.advance(1);
    expect(calls).toEqual([0, 250]);
    answer();
    await turns();
    expect(heard).toBe(3);
  });

  it('lets those go who wait for their turn, and leaves no timer, when it is stopped', async () => {
    const { clock, call, answer } = calling();
    void call.hold();
    answer();
    await turns();
    const heard = call.hold();
    expect(clock.pending).toBe(1);
    call.stop();
    expect(clock.pending).toBe(0);
    await turns();
    answer();
    await heard;
  });

  it('asks nobody while it is stopped, and everybody when it is started again', async () => {
    const { calls, call } = calling();
    call.stop();
    await call.hold();
    expect(calls).toEqual([]);
    call.start();
    void call.hold();
    expect(calls).toEqual([0]);
  });

  it('asks at once again after a rest', async () => {
    const { clock, calls, call, answer } = calling();
    void call.hold();
    answer();
    await clock.advance(1_000);
    void call.hold();
    expect(calls).toEqual([0, 1_000]);
  });
});
