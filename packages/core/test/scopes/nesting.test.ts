import { describe, expect, it } from '@jest/globals';
import type { ScopeOptions } from '../../src/scopes.js';
import { runInSession, useDatabase, usePrimary, useReplica, withHints, withoutPinning } from '../../src/scopes.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { rig, write } from '../support/rig.js';
import { thrownBy } from '../support/thrown.js';
import { turns } from '../support/turns.js';

const { cluster } = rig({ router: new PinningReplicaRouter() });
const where = (): string => cluster.explain({ intent: 'read' }).database.name;
const cause = (): string => cluster.explain({ intent: 'read' }).cause;
const OUTSIDE = 'PinningReplicaRouter';

const SCOPES = {
  usePrimary,
  useReplica,
  useDatabase: <T>(work: () => T, options?: ScopeOptions): T => useDatabase('replica-1', work, options),
} as const;
type Scope = keyof typeof SCOPES;
const NAMES = Object.keys(SCOPES) as Scope[];
const THREE_DEEP = NAMES.flatMap((outer) =>
  NAMES.flatMap((middle) => NAMES.map((inner) => [outer, middle, inner] as const)),
);

describe.each(THREE_DEEP)('%s around %s around %s', (outer, middle, inner) => {
  it('restores on each level what it found', () => {
    const seen: string[] = [];
    SCOPES[outer](() => {
      seen.push(cause());
      SCOPES[middle](() => {
        seen.push(cause());
        SCOPES[inner](() => seen.push(cause()));
        seen.push(cause());
      });
      seen.push(cause());
    });
    seen.push(cause());
    expect(seen).toEqual([outer, middle, inner, middle, outer, OUTSIDE]);
  });

  it('restores it also after a throw in the middle that is caught outside', async () => {
    const bug = new Error('in the middle');
    const seen: string[] = [];
    SCOPES[outer](() => {
      try {
        SCOPES[middle](() => {
          SCOPES[inner](() => seen.push(cause()));
          throw bug;
        });
      } catch {
        seen.push(cause());
      }
    });
    seen.push(cause());
    expect(seen).toEqual([inner, outer, OUTSIDE]);
    await SCOPES[outer](async () => {
      const rejected = SCOPES[middle](async () => {
        await turns();
        SCOPES[inner](() => seen.push(cause()));
        throw bug;
      });
      expect(await thrownBy(() => rejected)).toBe(bug);
      seen.push(cause());
    });
    expect(seen.slice(3)).toEqual([inner, outer]);
  });

  it('holds across awaits', async () => {
    const seen: string[] = [];
    await SCOPES[outer](async () => {
      await turns();
      seen.push(cause());
      await SCOPES[middle](async () => {
        await turns();
        await SCOPES[inner](async () => {
          await turns();
          seen.push(cause());
        });
        seen.push(cause());
      });
      await turns();
      seen.push(cause());
    });
    expect(seen).toEqual([outer, inner, middle, outer]);
  });
});

describe('a scope', () => {
  it('answers what its work answers', async () => {
    expect(usePrimary(() => 7)).toBe(7);
    expect(await useReplica(() => Promise.resolve(7))).toBe(7);
    expect(withHints({}, () => 'x')).toBe('x');
    expect(withoutPinning(() => null)).toBeNull();
  });

  it('does not hold for work that was begun before it', async () => {
    const seen: string[] = [];
    const before = turns(2).then(() => seen.push(cause()));
    await usePrimary(() => turns(3));
    await before;
    expect(seen).toEqual([OUTSIDE]);
  });

  it('leaves a pinned session pinned, and an unpinned one unpinned', async () => {
    await runInSession(async () => {
      usePrimary(() => usePrimary(() => where()));
      expect(where()).toMatch(/^replica/);
      await write(cluster);
      usePrimary(() => usePrimary(() => where()));
      useReplica(() => where());
      expect(where()).toBe('default');
    });
  });
});

describe('of two nested hints', () => {
  it('the inner wins, and adds to the outer', () => {
    const seen: unknown[] = [];
    const { cluster: asked } = rig({ router: { dbForRead: ({ hints }) => void seen.push(hints) } });
    const ask = (): unknown => asked.explain({ intent: 'read' });
    withHints({ tenant: 1, report: true }, () => {
      withHints({ tenant: 2 }, ask);
      ask();
    });
    ask();
    expect(seen).toEqual([{ tenant: 2, report: true }, { tenant: 1, report: true }, {}]);
  });
});
