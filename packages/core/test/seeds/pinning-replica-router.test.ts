import { describe, expect, it } from '@jest/globals';
import { MarksWrite, PinningReplicaRouter, runInSession } from '@sluice/core';
import { read, reads, rig, write } from '../support/rig.js';

const DATABASES = { default: {}, 'shadow-1': {}, 'shadow-2': {} };
const SHADOW = expect.stringMatching(/^shadow-[12]$/);
const pinning = (options: { readonly pinSeconds?: number } = {}): ReturnType<typeof rig> =>
  rig({ databases: DATABASES, router: new PinningReplicaRouter(options) });

describe('"put multidb.PinningReplicaRouter into DATABASE_ROUTERS"', () => {
  it('by its name', async () => {
    const { cluster } = rig({ databases: DATABASES, routers: ['PinningReplicaRouter'] });
    await runInSession(async () => {
      expect(await read(cluster)).toEqual(SHADOW);
      await write(cluster);
      expect(await read(cluster)).toBe('default');
    });
  });
});

describe('"imagine a scenario with 1 second of replication lag"', () => {
  it('"a user makes a forum post and then is redirected to a fully-rendered view of it 500ms later": it is read from the primary', async () => {
    const { cluster, clock } = pinning();
    await runInSession(async () => {
      expect(await write(cluster, { model: 'Post' })).toBe('default');
      await clock.advance(500);
      expect(await read(cluster, { model: 'Post' })).toBe('default');
    });
  });
});

describe('"after writing to the default database, future reads from the same user agent are directed to the default database for a configurable length of time"', () => {
  it('after, and not before', async () => {
    const { cluster } = pinning();
    await runInSession(async () => {
      expect(await reads(cluster, 2)).toEqual([SHADOW, SHADOW]);
      await write(cluster);
      expect(await reads(cluster, 2)).toEqual(['default', 'default']);
    });
  });

  it('of the same user, and of nobody else', async () => {
    const { cluster } = pinning();
    await Promise.all([
      runInSession(async () => {
        await write(cluster);
        expect(await read(cluster)).toBe('default');
      }),
      runInSession(async () => {
        expect(await read(cluster)).toEqual(SHADOW);
      }),
    ]);
  });

  it('"By default, its value is a conservative 15 seconds"', async () => {
    const { cluster, clock } = pinning();
    await runInSession(async () => {
      await write(cluster);
      await clock.advance(14_999);
      expect(await read(cluster)).toBe('default');
      await clock.advance(1);
      expect(await read(cluster)).toEqual(SHADOW);
    });
  });

  it('"but it can be adjusted like so: MULTIDB_PINNING_SECONDS = 5"', async () => {
    const { cluster, clock } = pinning({ pinSeconds: 5 });
    await runInSession(async () => {
      await write(cluster);
      await clock.advance(4_999);
      expect(await read(cluster)).toBe('default');
      await clock.advance(1);
      expect(await read(cluster)).toEqual(SHADOW);
    });
  });

  it('also the next request or job of that user, where the session is handed on as text', async () => {
    const { cluster, clock } = pinning();
    const from = await runInSession(
      async (session) => {
        await write(cluster);
        return session.export();
      },
      { clock },
    );
    expect(await runInSession(() => read(cluster), { from, clock })).toBe('default');
    await clock.advance(15_000);
    expect(await runInSession(() => read(cluster), { from, clock })).toEqual(SHADOW);
  });
});

describe('"You can indicate that any view writes to the database by using the multidb.db_write decorator"', () => {
  const { cluster, clock } = pinning();
  class Views {
    @MarksWrite()
    async writing(): Promise<string> {
      return await read(cluster);
    }
    async plain(): Promise<string> {
      return await read(cluster);
    }
  }
  const views = new Views();

  it('"This will cause the same result as if the request were, e.g., a POST": its reads go to the primary, and so do those of the next request', async () => {
    const from = await runInSession(
      async (session) => {
        expect(await views.writing()).toBe('default');
        return session.export();
      },
      { clock },
    );
    expect(await runInSession(() => views.plain(), { from, clock })).toBe('default');
  });

  it('and no other view is affected', async () => {
    expect(await runInSession(() => views.plain())).toEqual(SHADOW);
  });
});

describe('"You can also manually set response._db_write = True to indicate that a write occurred"', () => {
  it('"This will not result in using the default database in this request, but only in the next request"', async () => {
    const { cluster, clock } = pinning();
    const from = await runInSession(
      async (session) => {
        session.markWritten();
        expect(await read(cluster)).toEqual(SHADOW);
        return session.export();
      },
      { clock },
    );
    expect(await runInSession(() => read(cluster), { from, clock })).toBe('default');
  });
});
