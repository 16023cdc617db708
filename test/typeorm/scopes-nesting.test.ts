import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { Hints, RoutedDataSource, RouteRequest } from '@sluice/typeorm';
import {
  PinningReplicaRouter,
  Router,
  runInSession,
  useDatabase,
  usePrimary,
  useReplica,
  withHints,
  withoutPinning,
} from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened } from './support/opened.js';
import { routesDuring } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

/** Keeps the hints it is asked with. */
class Hinted extends Router {
  readonly hints: Hints[] = [];
  override dbForRead({ hints }: RouteRequest): undefined {
    this.hints.push(hints);
  }
}

describe.each(ENGINES)('scopes on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  const hinted = new Hinted();

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    ds = await opened(servers, { routers: [hinted, new PinningReplicaRouter()] });
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });

  const read = async (): Promise<string | undefined> =>
    (await routesDuring(ds, () => ds.getRepository(Tag).count()))[0];
  const write = () => ds.getRepository(Audit).insert({ what: 'w' });

  describe.each([
    ['usePrimary', usePrimary, 'default'],
    ['useReplica', useReplica, 'replica-1'],
  ] as const)('%s', (_name, scope, expected) => {
    it.each([
      ['unpinned', false, 'replica-1'],
      ['pinned', true, 'default'],
    ] as const)(
      'nested three deep with a throw, restores what it found in a session that is %s',
      async (_state, pinned, before) => {
        await runInSession(async () => {
          if (pinned) await write();
          expect(await read()).toBe(before);
          await scope(async () => {
            expect(await read()).toBe(expected);
            const middle = scope(async () => {
              await scope(async () => expect(await read()).toBe(expected));
              expect(await read()).toBe(expected);
              throw new Error('in the middle');
            });
            await expect(middle).rejects.toThrow('in the middle');
            expect(await read()).toBe(expected);
          });
          expect(await read()).toBe(before);
        });
      },
    );
  });

  it('of different kinds nest, and each restores the one around it', async () => {
    await useReplica(async () => {
      expect(await read()).toBe('replica-1');
      await usePrimary(async () => {
        expect(await read()).toBe('default');
        await useDatabase('replica-1', async () => {
          expect(await read()).toBe('replica-1');
          await expect(usePrimary(() => Promise.reject(new Error('deep')))).rejects.toThrow('deep');
          expect(await read()).toBe('replica-1');
        });
        expect(await read()).toBe('default');
      });
      expect(await read()).toBe('replica-1');
    });
    expect(await read()).toBe('replica-1');
  });

  it('hold for what is awaited in them side by side, and for nothing beside them', async () => {
    const [inside, beside] = await Promise.all([usePrimary(() => Promise.all([read(), read()])), read()]);
    expect(inside).toEqual(['default', 'default']);
    expect(beside).toBe('replica-1');
  });

  it('give back what their function gives back, at once if it is not a promise', () => {
    expect(usePrimary(() => 42)).toBe(42);
    expect(useDatabase('replica-1', () => useReplica(() => 'inner'))).toBe('inner');
  });

  it('throw what their function throws, and are left then', async () => {
    expect(() =>
      usePrimary(() => {
        throw new TypeError('at once');
      }),
    ).toThrow(TypeError);
    expect(await read()).toBe('replica-1');
  });

  describe('withoutPinning', () => {
    it('nested three deep with a throw, leaves no pin, and a write after it pins', async () => {
      await runInSession(async (session) => {
        await withoutPinning(async () => {
          const middle = withoutPinning(async () => {
            await withoutPinning(write);
            throw new Error('in the middle');
          });
          await expect(middle).rejects.toThrow('in the middle');
          await write();
        });
        expect(session.pinned()).toBe(false);
        expect(await read()).toBe('replica-1');
        await write();
        expect(session.pinned()).toBe(true);
        expect(await read()).toBe('default');
      });
    });

    it('around a part of a transaction lets the other part pin', async () => {
      await runInSession(async (session) => {
        await ds.transaction((manager) => withoutPinning(() => manager.insert(Audit, { what: 'w' })));
        expect(session.pinned()).toBe(false);
        await ds.transaction(async (manager) => {
          await withoutPinning(() => manager.insert(Audit, { what: 'w' }));
          await manager.insert(Audit, { what: 'w' });
          await withoutPinning(() => manager.insert(Audit, { what: 'w' }));
        });
        expect(session.pinned()).toBe(true);
      });
    });

    it('keeps the pin that was there', async () => {
      await runInSession(async () => {
        await write();
        await withoutPinning(write);
        expect(await read()).toBe('default');
      });
    });
  });

  describe('withHints', () => {
    it('nested three deep with a throw, hands each level its own', async () => {
      hinted.hints.length = 0;
      await withHints({ a: 1, b: 1 }, async () => {
        const middle = withHints({ b: 2, c: 2 }, async () => {
          await withHints({ c: 3 }, read);
          await read();
          throw new Error('in the middle');
        });
        await expect(middle).rejects.toThrow('in the middle');
        await read();
      });
      await read();
      expect(hinted.hints).toEqual([{ a: 1, b: 2, c: 3 }, { a: 1, b: 2, c: 2 }, { a: 1, b: 1 }, {}]);
    });
  });

  describe('in a pinned session', () => {
    it('useReplica reads a replica, and the primary again after it', async () => {
      await runInSession(async () => {
        await write();
        expect(await read()).toBe('default');
        expect(await useReplica(read)).toBe('replica-1');
        expect(await read()).toBe('default');
      });
    });

    it('a write inside useReplica is refused before it is sent', async () => {
      const refused = await routesDuring(ds, () =>
        expect(useReplica(write)).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' }),
      );
      expect(refused).toEqual([]);
    });

    it.each([
      ['save', () => ds.getRepository(Audit).save({ what: 'w' })],
      ['remove', () => ds.getRepository(Audit).remove(Object.assign(new Audit(), { id: 1 }))],
      ['a transaction', () => ds.transaction((manager) => manager.count(Tag))],
      ['a locking read', () => ds.getRepository(Tag).createQueryBuilder('t').setLock('pessimistic_write').getRawMany()],
      ['clear', () => ds.getRepository(Audit).clear()],
    ])('%s inside useReplica is refused', async (_name, work) => {
      await expect(useReplica(async () => work())).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    });
  });

  it('a transaction that was opened outside stays on its primary inside useReplica', async () => {
    await ds.transaction(async (manager) => {
      const tag = await manager.save(Tag, { label: 'uncommitted' });
      const found = await useReplica(() => manager.findOneByOrFail(Tag, { id: tag.id }));
      expect(found.servedBy).toBe(servers.primary.port);
    });
  });

  it('a session that ends forgets its pin, also for work that it left behind', async () => {
    let later: Promise<string | undefined> | undefined;
    let go: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    await runInSession(async () => {
      await write();
      later = gate.then(read);
    });
    go?.();
    expect(await later).toBe('replica-1');
  });
});
