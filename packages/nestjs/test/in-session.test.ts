import { describe, expect, it } from '@jest/globals';
import { currentSession, type Session } from '@sluice/core';
import { defer, EMPTY, lastValueFrom, NEVER, of, throwError } from 'rxjs';
import { inOwnSession } from '../src/in-session.js';

const arrived = () => ({ from: undefined, longestSeconds: 15 });

describe('work in a session of its own', () => {
  const seen: Session[] = [];
  const look = <T>(then: T): T => {
    const session = currentSession();
    if (session !== undefined) seen.push(session);
    return then;
  };
  const last = (): Session => seen.at(-1)!;

  it('has a new one each time it is subscribed to', async () => {
    const work = inOwnSession(arrived, () => defer(() => look(of(1))));
    await lastValueFrom(work);
    await lastValueFrom(work);
    expect(new Set(seen).size).toBe(2);
    expect(currentSession()).toBeUndefined();
  });

  it.each([
    ['completes', () => EMPTY],
    ['fails', () => throwError(() => new Error('on purpose'))],
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
    ],
  ])('closes it when it %s', (_how, work) => {
    inOwnSession(arrived, () => look(work())).subscribe({ error: () => undefined });
    expect(last().closed).toBe(true);
  });

  it('closes it when nobody listens any longer', () => {
    const subscription = inOwnSession(arrived, () => look(NEVER)).subscribe();
    expect(last().closed).toBe(false);
    subscription.unsubscribe();
    expect(last().closed).toBe(true);
  });
});
