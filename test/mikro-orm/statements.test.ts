import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LockMode, raw } from '@mikro-orm/core';
import { ReplicaRouter, runInSession, useReplica } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers, whoSql } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, connected, isVersion6, portOf, ready, routesDuring, times, whoRuns } from './support/opened.js';
import { Audit, Customer, Line, Order, Sum, Tag } from './support/shop.js';

/** DESIGN.md, section 4: where does a statement go? One block per row of its table. */
describe.each(ENGINES)('on %s', (engine) => {
  let servers: Servers;
  let orm: Orm;
  let primary: number;
  let replicas: number[];
  let orderId: number;
  let customerId: number;
  let tagId: number;

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { router: new ReplicaRouter() });
    primary = servers.primary.port;
    replicas = [portOf(servers, 'replica-1'), portOf(servers, 'replica-2')];
    const em = fork();
    const customer = em.create(Customer, { name: 'Ada' } as never);
    const order = em.create(Order, {
      title: 'first',
      customer,
      lines: [{ product: 'pen' }, { product: 'ink' }],
      tags: [{ label: 'new' }],
    } as never);
    const tag = em.create(Tag, { label: 'spare' } as never);
    await em.flush();
    [orderId, customerId, tagId] = [order.id, customer.id, tag.id];
    await servers.caughtUp();
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  const fork = (): Em => orm.em.fork() as unknown as Em;
  const order = (em: Em, options: object = {}): Promise<Order> =>
    em.findOneOrFail(Order, { id: orderId }, options as never) as Promise<Order>;
  const qb = (em: Em, kind?: 'read' | 'write') =>
    (em as unknown as Record<string, Qb>)['createQueryBuilder']!(Order, 'o', kind);
  type Qb = (entity: unknown, alias?: string, kind?: string) => ReturnType<Em['createQueryBuilder']>;
  const ports = (found: Order): number[] => [
    found.servedBy,
    ...found.lines.getItems().map((line) => line.servedBy),
    ...(found.tags.isInitialized() ? found.tags.getItems().map((tag) => tag.servedBy) : []),
  ];

  describe('anything inside a transaction', () => {
    it('runs on the primary, whatever kind of connection is asked for', async () => {
      await fork().transactional(async (inside) => {
        const em = inside as unknown as Em;
        expect((await order(em)).servedBy).toBe(primary);
        expect((await order(em, { connectionType: 'read', refresh: true })).servedBy).toBe(primary);
        expect(
          (
            (await qb(em, 'read')
              .select('*')
              .where({ id: orderId } as never)
              .getSingleResult()) as unknown as Order
          ).servedBy,
        ).toBe(primary);
        expect(await whoRuns(em, servers)).toBe(primary);
        expect((await em.find(Sum, {}))[0]).toMatchObject({ servedBy: primary });
      });
    });

    it('keeps a nested savepoint on its connection, and rolls it back alone', async () => {
      await fork().transactional(async (outer) => {
        const kept = outer.create(Tag, { label: 'kept' } as never);
        await outer.flush();
        const nested = outer.transactional(async (inner) => {
          inner.create(Tag, { label: 'dropped' } as never);
          await inner.flush();
          expect((await inner.findOneOrFail(Tag, { id: kept.id }, { refresh: true })).servedBy).toBe(primary);
          throw new Error('undo');
        });
        await expect(nested).rejects.toThrow('undo');
      });
      expect(await fork().count(Tag, { label: 'dropped' }, { connectionType: 'write' })).toBe(0);
      expect(await fork().count(Tag, { label: 'kept' }, { connectionType: 'write' })).toBe(1);
    });

    it('is kept together when it is begun and ended by hand', async () => {
      const em = fork();
      await em.begin();
      em.create(Tag, { label: 'by hand' } as never);
      await em.flush();
      const [, elsewhere] = await Promise.all([order(em), order(fork())]);
      expect(replicas).toContain(elsewhere.servedBy);
      expect((await order(em, { refresh: true })).servedBy).toBe(primary);
      await em.rollback();
      expect(await fork().count(Tag, { label: 'by hand' }, { connectionType: 'write' })).toBe(0);
    });

    it('serves a pessimistic lock', async () => {
      await fork().transactional(async (em) => {
        const found = await em.findOneOrFail(Order, { id: orderId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        expect(found.servedBy).toBe(primary);
        await em.lock(found, LockMode.PESSIMISTIC_WRITE);
      });
    });
  });

  describe('a transaction declared read only', () => {
    it('runs whole on one replica', async () => {
      const seen = await fork().transactional(
        async (em) => [await whoRuns(em as never, servers), (await order(em as never)).servedBy],
        { readOnly: true },
      );
      expect(replicas).toContain(seen[0]);
      expect(seen[1]).toBe(seen[0]);
    });

    it('refuses a write before it is sent', async () => {
      const write = fork().transactional((em) => em.insert(Tag, { label: 'never' } as never), { readOnly: true });
      await expect(write).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    });

    // knex makes SQL of it that MySQL does not know
    const declarable = !isVersion6 || engine === 'postgres';
    if (declarable)
      it('runs on the primary if it asks for more isolation than a standby has', async () => {
        const port = await fork().transactional((em) => whoRuns(em as never, servers), {
          readOnly: true,
          isolationLevel: 'serializable' as never,
        });
        expect(port).toBe(primary);
      });
  });

  describe('a write', () => {
    it.each<[string, (em: Em) => Promise<unknown>]>([
      ['flush of a new entity', async (em) => (em.create(Order, { title: 'w' } as never), em.flush())],
      [
        'flush of a change',
        async (em) => (
          Object.assign(await order(em, { connectionType: 'write' }), { paid: (Math.random() * 1e6) | 0 }),
          em.flush()
        ),
      ],
      [
        'flush of a collection',
        async (em) => (
          (await order(em, { connectionType: 'write', populate: ['tags'] })).tags.add(em.getReference(Tag, tagId)),
          em.flush()
        ),
      ],
      ['insert', async (em) => em.insert(Audit, { what: 'w' } as never)],
      ['insertMany', async (em) => em.insertMany(Audit, [{ what: 'a' }, { what: 'b' }] as never)],
      ['nativeUpdate', async (em) => em.nativeUpdate(Order, { id: orderId }, { paid: 3 } as never)],
      ['nativeDelete', async (em) => em.nativeDelete(Audit, { what: 'nobody' })],
      ['upsert', async (em) => em.upsert(Tag, { id: tagId, label: 'u' } as never)],
      ['upsertMany', async (em) => em.upsertMany(Tag, [{ id: tagId, label: 'u' }] as never)],
      [
        'query builder update',
        async (em) =>
          qb(em)
            .update({ paid: 4 } as never)
            .where({ id: orderId } as never)
            .execute(),
      ],
      [
        'query builder update on a connection for reads',
        async (em) =>
          qb(em, 'read')
            .update({ paid: 5 } as never)
            .where({ id: orderId } as never)
            .execute(),
      ],
      ['raw SQL', async (em) => em.execute("update tag set label = 'r'")],
    ])('%s goes to the primary only', async (_name, write) => {
      const taken = await routesDuring(orm, () => write(fork()));
      expect(taken.length).toBeGreaterThan(0);
      expect(new Set(taken)).toEqual(new Set(['default']));
    });

    it('reads back on the primary what an upsert has written', async () => {
      const em = fork();
      const tag = (await em.upsert(Tag, { id: tagId, label: 'again' } as never)) as Tag;
      expect(tag.label).toBe('again');
    });
  });

  describe('a plain read', () => {
    it.each<[string, (em: Em) => Promise<number | undefined>]>([
      ['find', async (em) => (await em.find(Order, { id: orderId }))[0]?.servedBy],
      ['findOne', async (em) => (await em.findOne(Order, { id: orderId }))?.servedBy],
      ['findAll', async (em) => (await em.findAll(Order, { where: { id: orderId } } as never))[0]?.servedBy],
      ['findAndCount', async (em) => (await em.findAndCount(Order, { id: orderId }))[0][0]?.servedBy],
      ['joined populate', async (em) => (await order(em, { populate: ['lines'], strategy: 'joined' })).servedBy],
      [
        'query builder',
        async (em) =>
          (
            (await qb(em)
              .select('*')
              .where({ id: orderId } as never)
              .getSingleResult()) as unknown as Order
          ).servedBy,
      ],
      [
        'cloned query builder',
        async (em) =>
          (
            (await qb(em)
              .select('*')
              .where({ id: orderId } as never)
              .clone()
              .getSingleResult()) as unknown as Order
          ).servedBy,
      ],
      ['virtual entity', async (em) => Number((await em.find(Sum, {}))[0]?.servedBy)],
    ])('%s goes to a replica', async (_name, read) => {
      expect(replicas).toContain(await read(fork()));
    });

    it.each<[string, (em: Em) => Promise<unknown>]>([
      ['count', (em) => em.count(Order)],
      ['count of a virtual entity', (em) => em.count(Sum)],
      [
        'findByCursor',
        (em) =>
          (em.findByCursor as unknown as (...args: unknown[]) => Promise<unknown>).call(
            em,
            Order,
            ...(isVersion6 ? [{}] : []),
            { first: 1, orderBy: { id: 'asc' } },
          ),
      ],
      [
        'countBy',
        async (em) =>
          isVersion6
            ? em.count(Order)
            : (em as unknown as { countBy(entity: unknown, by: string): Promise<unknown> }).countBy(Order, 'title'),
      ],
      ['query builder count', (em) => (qb(em) as unknown as { getCount(): Promise<number> }).getCount()],
      [
        'query builder page and count',
        (em) =>
          (qb(em).select('*').limit(1) as unknown as { getResultAndCount(): Promise<unknown> }).getResultAndCount(),
      ],
    ])('%s goes to a replica', async (_name, read) => {
      const taken = await routesDuring(orm, () => read(fork()));
      expect(taken.length).toBeGreaterThan(0);
      expect(taken).not.toContain('default');
    });

    it('takes the replicas in turn', async () => {
      const seen = await times(6, async () => (await order(fork())).servedBy);
      expect(seen[0]).not.toBe(seen[1]);
      expect(seen.slice(2)).toEqual([seen[0], seen[1], seen[0], seen[1]]);
    });

    it.each(['joined', 'select-in', 'balanced'])(
      'loads parents, children and pivots from one replica with the %s strategy',
      async (strategy) => {
        const turns = await times(4, async () => ports(await order(fork(), { populate: ['lines', 'tags'], strategy })));
        for (const seen of turns) {
          expect(seen.length).toBeGreaterThanOrEqual(4);
          expect(new Set(seen).size).toBe(1);
        }
      },
    );

    it('populates several relations of loaded entities from one replica', async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        const em = fork();
        const found = await order(em);
        await em.populate(found, ['lines', 'tags'] as never);
        expect(new Set(ports(found).slice(1)).size).toBe(1);
      }
    });

    it('reads a page and its count from one replica', async () => {
      const taken = await routesDuring(orm, () =>
        fork().findAndCount(Order, {}, { limit: 1, populate: ['lines'], strategy: 'select-in' as never } as never),
      );
      expect(taken.length).toBeGreaterThan(2);
      expect(new Set(taken).size).toBe(1);
    });

    it('goes to the primary where the call asks for a connection to write on', async () => {
      expect((await order(fork(), { connectionType: 'write' })).servedBy).toBe(primary);
      const found = await order(fork(), { connectionType: 'write', populate: ['lines'], strategy: 'select-in' });
      expect(new Set(ports(found).slice(0, 2))).toEqual(new Set([primary]));
    });

    it('reads in one call what the same call has flushed', async () => {
      const em = fork();
      em.create(Audit, { what: `auto ${engine}` } as never);
      expect(await em.find(Audit, { what: `auto ${engine}` })).toHaveLength(1);
    });

    if (!isVersion6) {
      it('streams from a replica, and gives the connection back', async () => {
        for (let turn = 0; turn < 25; turn += 1) {
          const rows: Order[] = [];
          for await (const row of fork().stream(Order, { where: { id: orderId } } as never)) rows.push(row as Order);
          expect(replicas).toContain(rows[0]?.servedBy);
        }
      });

      it('gives the connection of an abandoned stream back', async () => {
        for (let turn = 0; turn < 25; turn += 1) {
          for await (const _row of fork().stream(Order)) break;
          for await (const _row of qb(fork()).select('*').stream()) break;
        }
        expect(replicas).toContain((await order(fork())).servedBy);
      });

      it('streams a virtual entity from a replica', async () => {
        for await (const sum of fork().stream(Sum)) expect(replicas).toContain((sum as Sum).servedBy);
      });

      it('streams inside a transaction from the primary', async () => {
        await fork().transactional(async (em) => {
          for await (const row of em.stream(Order, { where: { id: orderId } } as never))
            expect((row as Order).servedBy).toBe(primary);
        });
      });
    }
  });

  describe('a call with a session context for row level security', () => {
    if (!isVersion6 && engine === 'postgres') {
      it('reads on a replica and writes on the primary, both with the context', async () => {
        const em = fork();
        (em as unknown as { setSessionContext(context: object): void }).setSessionContext({
          variables: { 'app.tenant': 't1' },
        });
        const found = await order(em, { populate: ['lines'], strategy: 'select-in' });
        expect(replicas).toContain(found.servedBy);
        expect(new Set(ports(found)).size).toBe(1);
        const read = em
          .createQueryBuilder(Order, 'o')
          .select(raw("current_setting('app.tenant') as tenant") as never)
          .limit(1);
        expect(await read.execute('get', false)).toMatchObject({ tenant: 't1' });
        const [row] = (await em.execute(
          "insert into audit (what) values (current_setting('app.tenant')) returning what",
        )) as { what: string }[];
        expect(row?.what).toBe('t1');
      });
    }
  });

  describe('a read that is more than a read', () => {
    it.each<[string, string]>([
      [
        'a lock',
        `select o.id, (${engine === 'mariadb' ? 'select @@port' : 'select inet_server_port()'}) as port from orders o limit 1 for update`,
      ],
      [
        'a function with side effects',
        engine === 'mariadb'
          ? "select get_lock('x', 0), @@port as port"
          : 'select pg_try_advisory_lock(1), inet_server_port() as port',
      ],
    ])('sends %s to the primary, also on a connection for reads', async (_name, sql) => {
      const rows = (await (orm.em as unknown as Em).getConnection('read').execute(sql)) as { port: number }[];
      expect(Number(rows[0]?.port)).toBe(primary);
    });
  });

  describe('raw SQL', () => {
    it('goes to the primary, reads too', async () => {
      expect(await whoRuns(fork(), servers)).toBe(primary);
    });

    it('goes to a replica inside useReplica', async () => {
      expect(replicas).toContain(await useReplica(() => whoRuns(fork(), servers)));
    });

    it('is refused inside useReplica if it writes', async () => {
      const write = useReplica(() => fork().execute("update tag set label = 'no'"));
      await expect(write).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    });

    it('goes to a replica on a connection for reads', async () => {
      const [row] = (await orm.em.getConnection('read').execute(`select (${whoSql()}) as port`)) as { port: number }[];
      expect(replicas).toContain(Number(row?.port));
    });

    it('goes to a replica with routeRawReads', async () => {
      const other = await connected(servers, { router: new ReplicaRouter(), routeRawReads: true, name: 'raw' });
      expect(replicas).toContain(await whoRuns(other.em.fork() as never, servers));
      const taken = await routesDuring(other, () =>
        (other.em.fork() as unknown as Em).execute("update tag set label = 'r'"),
      );
      expect(taken).toEqual(['default']);
      await other.close();
    });
  });

  describe('refresh, references and lazy collections', () => {
    it('refresh from a replica, and from the primary where the session wrote', async () => {
      const em = fork();
      const found = await order(em);
      await em.refresh(found);
      expect(replicas).toContain(found.servedBy);
      await runInSession(async () => {
        await fork().insert(Audit, { what: 'session' } as never);
        await em.refresh(found);
        expect(found.servedBy).toBe(primary);
      });
    });

    it('loads a reference where and when it is first touched', async () => {
      const em = fork();
      const found = await order(em);
      const customer = await found.customer!.loadOrFail();
      expect(replicas).toContain(customer.servedBy);
      const again = await order(fork(), { connectionType: 'write' });
      expect(replicas).toContain((await again.customer!.loadOrFail()).servedBy);
    });

    it('initializes a collection from a replica', async () => {
      const found = await order(fork());
      const [line] = await found.lines.loadItems();
      expect(replicas).toContain((line as Line).servedBy);
      const customer = await fork().findOneOrFail(Customer, { id: customerId });
      expect(await customer.orders.loadCount()).toBe(1);
    });
  });
});
