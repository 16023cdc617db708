import { describe, expect, it } from '@jest/globals';
import { usePrimary, UsePrimary } from '@sluice/core';
import { read, rig } from '../support/rig.js';

const { cluster } = rig({ databases: { default: {}, 'shadow-1': {} }, router: 'PinningReplicaRouter' });
const touchTheDatabase = (): Promise<string> => read(cluster);
const touchAnotherDatabase = (): Promise<string> => read(cluster, { model: 'Another' });

describe('"use_primary_db is both a context manager and a decorator for wrapping code to use the primary database"', () => {
  it('"You can use it as a context manager: with use_primary_db: touch_the_database() touch_another_database()"', async () => {
    const served = await usePrimary(async () => [await touchTheDatabase(), await touchAnotherDatabase()]);
    expect(served).toEqual(['default', 'default']);
    expect(await touchTheDatabase()).toBe('shadow-1');
  });

  it('"or as a decorator: @use_primary_db def func(*args, **kw)"', async () => {
    class Views {
      @UsePrimary()
      async func(...args: readonly number[]): Promise<readonly unknown[]> {
        return [...args, await touchTheDatabase()];
      }
    }
    expect(await new Views().func(1, 2)).toEqual([1, 2, 'default']);
    expect(await touchTheDatabase()).toBe('shadow-1');
  });

  it('and nested it leaves nobody pinned for ever', async () => {
    await usePrimary(async () => {
      await usePrimary(touchTheDatabase);
      expect(await touchTheDatabase()).toBe('default');
    });
    expect(await touchTheDatabase()).toBe('shadow-1');
  });
});
