import { describe, expect, it } from '@jest/globals';
import { MarksWrite, runInSession, usePrimary, UsePrimary } from '@sluice/core';
import { read, rig, write } from '../support/rig.js';
import { gate, turns } from '../support/turns.js';

// What django-multidb-router does wrong, each of which was seen there.

const { cluster } = rig({ databases: { default: {}, slave: {} }, router: 'PinningReplicaRouter' });

class Views {
  @UsePrimary()
  async outer(): Promise<readonly string[]> {
    return [await this.inner(), await read(cluster)];
  }

  @UsePrimary()
  async inner(): Promise<string> {
    await turns();
    return read(cluster);
  }

  @MarksWrite()
  async outerWrite(): Promise<readonly string[]> {
    return [await this.innerWrite(), await read(cluster)];
  }

  @MarksWrite()
  async innerWrite(): Promise<string> {
    return read(cluster);
  }

  @UsePrimary()
  async *rows(): AsyncGenerator<string> {
    yield await read(cluster);
    await turns();
    yield await read(cluster);
  }
}
const views = new Views();

describe('what leaves a thread of django-multidb-router pinned for ever leaves nothing behind here', () => {
  it.each([
    ['use_primary_db inside use_primary_db', () => usePrimary(() => usePrimary(() => read(cluster)))],
    ['a decorated function inside another', () => views.outer()],
    ['db_write inside db_write', () => views.outerWrite()],
  ])('%s', async (_what, work) => {
    await runInSession(async (session) => {
      expect(new Set([await work()].flat())).toEqual(new Set(['default']));
      expect([session.pinned(), await read(cluster)]).toEqual([false, 'slave']);
    });
    expect(await read(cluster)).toBe('slave');
  });
});

describe('what pins nothing there while its body runs reads from the primary here', () => {
  it('a decorated coroutine, also after it has waited', async () => {
    expect(await views.inner()).toBe('default');
  });

  it('a decorated generator, at each of its steps, and nobody between them', async () => {
    const seen: string[] = [];
    for await (const row of views.rows()) seen.push(row, await read(cluster));
    expect(seen).toEqual(['default', 'slave', 'default', 'slave']);
  });
});

describe('what one task there shows to another it keeps to itself here', () => {
  it('a pin, while both are under way', async () => {
    const [pinned, looked] = [gate(), gate()];
    const [mine, theirs] = await Promise.all([
      runInSession(async () => {
        await write(cluster);
        pinned.open();
        await looked.opened;
        return read(cluster);
      }),
      runInSession(async () => {
        await pinned.opened;
        const seen = await read(cluster);
        looked.open();
        return seen;
      }),
    ]);
    expect([mine, theirs]).toEqual(['default', 'slave']);
  });
});

describe('what it does not see there is seen here', () => {
  it('a write of which nobody told: the session is pinned from there, and the next one too', async () => {
    const from = await runInSession(async (session) => {
      await write(cluster);
      expect(await read(cluster)).toBe('default');
      return session.export();
    });
    expect(await runInSession(() => read(cluster), { from })).toBe('default');
  });
});
