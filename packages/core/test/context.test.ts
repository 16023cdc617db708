import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import {
  bound,
  currentFrame,
  EMPTY_FRAME,
  placementFor,
  runInFrame,
  runOutside,
  sharedStorage,
} from '../src/context.js';
import { runInSession, usePrimary, useReplica, withHints } from '../src/scopes.js';
import { refusal } from './support/thrown.js';

const KEY = Symbol.for('@sluice/core/context');
type Home = Parameters<typeof sharedStorage>[0];

describe('two copies of core in one process', () => {
  it('share their scopes and sessions', () => {
    const home: Home = {};
    expect(sharedStorage(home)).toBe(sharedStorage(home));
    expect(sharedStorage(globalThis as Home)).toBe(sharedStorage(globalThis as Home));
  });

  it('say at once that they cannot, and what to do, where one is of another shape', async () => {
    const home = { [KEY]: { shape: 0, storage: new AsyncLocalStorage() } } as Home;
    expect(await refusal('SLUICE_CONFIG', () => sharedStorage(home))).toBe(
      'two versions of @sluice/core that cannot share sessions are loaded in this process; install one version (npm ls @sluice/core shows both)',
    );
  });

  it('do so where both can find it', () => {
    const found = (globalThis as { [KEY]?: { readonly storage: AsyncLocalStorage<unknown> } })[KEY];
    usePrimary(() => {
      expect(found?.storage.getStore()).toBe(currentFrame());
    });
  });
});

describe('a frame', () => {
  it('is empty outside every scope', () => {
    expect(currentFrame()).toBe(EMPTY_FRAME);
  });

  it('can be put around work again', () => {
    const frame = usePrimary(() => currentFrame());
    expect(currentFrame()).not.toBe(frame);
    expect(runInFrame(frame, () => currentFrame())).toBe(frame);
  });

  it('can be left', () => {
    expect(usePrimary(() => runOutside(() => currentFrame()))).toBe(EMPTY_FRAME);
  });

  it('holds a placement by cluster', () => {
    const frame = usePrimary(() => useReplica(() => currentFrame(), { cluster: 'shop' }), { cluster: 'billing' });
    expect(placementFor(frame, 'shop')?.kind).toBe('replica');
    expect(placementFor(frame, 'billing')?.kind).toBe('primary');
    expect(placementFor(frame, 'other')).toBeUndefined();
  });
});

describe('something made in one place and run in another', () => {
  it('stays where it was made', () => {
    const made = usePrimary(() => currentFrame());
    const frame = useReplica(() => bound(made, currentFrame()));
    expect(placementFor(frame, 'default')?.kind).toBe('primary');
  });

  it('goes where it is run, if nothing was said where it was made', () => {
    const running = useReplica(() => currentFrame());
    expect(bound(EMPTY_FRAME, running)).toBe(running);
  });

  it('belongs to the session in which it runs, or else to that in which it was made', async () => {
    await runInSession(async (outer) => {
      const made = usePrimary(() => currentFrame());
      await runInSession((inner) => {
        expect(bound(made, currentFrame()).session).toBe(inner);
      });
      expect(runOutside(() => bound(made, currentFrame())).session).toBe(outer);
    });
  });

  it('has the hints of where it runs', () => {
    const made = usePrimary(() => currentFrame());
    const running = withHints({ report: true }, () => currentFrame());
    expect(bound(made, running).hints).toBe(running.hints);
  });
});
