import { AsyncResource } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RouteRequest } from '@sluice/mikro-orm';
import { clusterOf, MultiPrimaryRouter, Router, runInSession, useDatabase } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, connected, databasesOf, ready, routesDuring, times } from './support/opened.js';
import { Audit, Order, Tag } from './support/shop.js';

/** Sends entities of one class to another primary, and keeps what it was asked. */
class ByEntity extends Router {
  readonly asked: RouteRequest[] = [];

  override dbForWrite(request: RouteRequest): string | undefined {
    this.asked.push(request);
    return request.model === Audit ? 'primary-2' : undefined;
  }

  override dbForRead(request: RouteRequest): string | undefined {
    this.asked.push(request);
    return request.models.includes(Audit) ? 'replica-2' : 'replica-1';
  }
}

describe.each(ENGINES)('a flush on %s', (engine) => {
  let servers: Servers;
  const router = new ByEntity();
  let orm: Orm;
  const fork = (): Em => orm.em.fork() as unknown as Em;

  /** Two names of one primary: where a write goes is told by its route. */
  const twoPrimaries = (): ReturnType<typeof databasesOf> => {
    const databases = databasesOf(servers);
    return { ...databases, 'primary-2': { ...databases['default'], role: 'primary' } };
  };

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { router, databases: twoPrimaries() });
    const em = fork();
    em.create(Order, { title: 'o' } as never);
    await em.flush();
    await servers.caughtUp();
  });
  beforeEach(() => {
    router.asked.length = 0;
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  it('goes to the primary of its entity, with everything it does', async () => {
    const em = fork();
    const audit = em.create(Audit, { what: 'mine' } as never);
    expect(new Set(await routesDuring(orm, () => em.flush()))).toEqual(new Set(['primary-2']));
    expect(router.asked[0]).toMatchObject({ model: Audit, intent: 'write', inTransaction: true, instance: audit });
  });

  it('is refused before anything is sent if it would need two primaries', async () => {
    const em = fork();
    em.create(Tag, { label: 'split' } as never);
    em.create(Audit, { what: 'split' } as never);
    await expect(em.flush()).rejects.toMatchObject({ code: 'SLUICE_SPLIT_WRITE' });
    expect(await fork().count(Tag, { label: 'split' }, { connectionType: 'write' })).toBe(0);
  });

  it('is refused inside of a transaction on another primary', async () => {
    const write = fork().transactional(async (em) => {
      em.create(Audit, { what: 'split' } as never);
      await em.flush();
    });
    await expect(write).rejects.toMatchObject({ code: 'SLUICE_SPLIT_WRITE' });
    expect(await fork().count(Audit, { what: 'split' }, { connectionType: 'write' })).toBe(0);
  });

  it('stays on one primary without a transaction too, and is refused if it cannot', async () => {
    const loose = await connected(servers, {
      router: new ByEntity(),
      databases: twoPrimaries(),
      name: 'loose',
      orm: { implicitTransactions: false },
    });
    const em = loose.em.fork();
    em.create(Tag, { label: 'loose' } as never);
    em.create(Audit, { what: 'loose' } as never);
    await expect(em.flush()).rejects.toMatchObject({ code: 'SLUICE_SPLIT_WRITE' });
    expect(await fork().count(Tag, { label: 'loose' }, { connectionType: 'write' })).toBe(0);
    const another = await connected(servers, {
      router: new MultiPrimaryRouter(),
      databases: twoPrimaries(),
      name: 'many',
      orm: { implicitTransactions: false },
    });
    const taken = await times(10, () =>
      routesDuring(another, async () => {
        const own = another.em.fork();
        own.create(Tag, { label: 'one' } as never);
        own.create(Audit, { what: 'one' } as never);
        await own.flush();
      }),
    );
    for (const each of taken) expect(new Set(each).size).toBe(1);
    expect(new Set(taken.flat())).toEqual(new Set(['default', 'primary-2']));
  });

  it.each<[string, (em: Em) => Promise<unknown>]>([
    ['insert', (em) => em.insert(Audit, { what: 'n' } as never)],
    ['insertMany', (em) => em.insertMany(Audit, [{ what: 'n' }, { what: 'm' }] as never)],
    ['nativeUpdate', (em) => em.nativeUpdate(Audit, { what: 'n' }, { what: 'o' } as never)],
    ['nativeDelete', (em) => em.nativeDelete(Audit, { what: 'o' })],
    ['upsert', (em) => em.upsert(Audit, { id: 1_000, what: 'u' } as never)],
    [
      'upsertMany',
      (em) =>
        em.upsertMany(Audit, [
          { id: 1_000, what: 'u' },
          { id: 1_001, what: 'u' },
        ] as never),
    ],
    [
      'a builder’s update',
      (em) =>
        em
          .createQueryBuilder(Audit)
          .update({ what: 'b' } as never)
          .where({ id: 1_000 } as never)
          .execute(),
    ],
  ])('has company: %s knows its entity too', async (_name, write) => {
    expect(new Set(await routesDuring(orm, () => write(fork())))).toEqual(new Set(['primary-2']));
  });

  it('has company: reads know their entity and what they join', async () => {
    expect(await routesDuring(orm, () => fork().find(Audit, {}))).toEqual(['replica-2']);
    expect(
      await routesDuring(orm, () =>
        fork().find(Order, {}, { populate: ['lines', 'tags'] as never, strategy: 'joined' as never }),
      ),
    ).toEqual(['replica-1']);
    const { model, models } = router.asked.at(-1)!;
    expect(model).toBe(Order);
    expect(models.map((each) => (typeof each === 'string' ? each : each.name))).toEqual(
      expect.arrayContaining(['Order', 'Line', 'Tag']),
    );
    expect(await routesDuring(orm, () => fork().count(Audit))).toEqual(['replica-2']);
    expect(
      await routesDuring(orm, () => fork().createQueryBuilder(Audit, 'a').select('*').clone().getResultList()),
    ).toEqual(['replica-2']);
  });

  it('that has to wait for another one runs in the scope of its own caller', async () => {
    const em = fork();
    const taken: string[] = [];
    let second: Promise<void> | undefined;
    const flushElsewhere = AsyncResource.bind(() => useDatabase('primary-2', () => em.flush()));
    const listen = ({ database }: { readonly database: string }): void => {
      taken.push(database);
      if (second !== undefined) return;
      em.create(Tag, { label: 'second' } as never);
      second = flushElsewhere();
    };
    clusterOf(orm).on('route', listen);
    em.create(Tag, { label: 'first' } as never);
    await useDatabase('default', () => em.flush());
    await second;
    clusterOf(orm).off('route', listen);
    expect(taken).toEqual(['default', 'primary-2']);
  });

  it('inside of a flush is refused, as MikroORM does', async () => {
    const own = await connected(servers, { router: new ByEntity(), databases: twoPrimaries(), name: 'hooks' });
    const em = own.em.fork();
    const seen: unknown[] = [];
    em.getEventManager().registerSubscriber({
      onFlush: async (event: { em: Em }) => {
        seen.push(
          await event.em.flush().then(
            () => 'flushed',
            (error: Error) => error.constructor.name,
          ),
        );
      },
    } as never);
    em.create(Tag, { label: 'hook' } as never);
    await em.flush();
    expect(seen).toEqual(['ValidationError']);
  });

  it('keeps a session on the primary that it wrote to, under a router that stays', async () => {
    const many = await connected(servers, {
      router: new MultiPrimaryRouter(),
      databases: twoPrimaries(),
      name: 'stays',
    });
    await times(5, () =>
      runInSession(async () => {
        const taken = await routesDuring(many, async () => {
          await many.em.fork().insert(Tag, { label: 's' } as never);
          await many.em.fork().find(Tag, {}, { limit: 1 });
          await many.em.fork().transactional(async (em) => em.insert(Tag, { label: 't' } as never));
        });
        expect(new Set(taken).size).toBe(1);
      }),
    );
  });
});
