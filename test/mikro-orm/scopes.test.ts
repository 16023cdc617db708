import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestContext } from '@mikro-orm/core';
import { ReplicaRouter, useDatabase, UsePrimary, usePrimary, useReplica } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Em, Orm } from './support/opened.js';
import { closeAll, isVersion6, portOf, ready, routesDuring, times } from './support/opened.js';
import { Audit, Customer, Order } from './support/shop.js';

describe.each(ENGINES)('scopes on %s', (engine) => {
  let servers: Servers;
  let orm: Orm;
  let primary: number;
  let replicas: number[];
  let orderIds: number[];

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { router: new ReplicaRouter(), orm: { resultCache: { expiration: 60_000 } } });
    primary = servers.primary.port;
    replicas = [portOf(servers, 'replica-1'), portOf(servers, 'replica-2')];
    const em = fork();
    const orders = ['a', 'b', 'c'].map((title) =>
      em.create(Order, {
        title,
        customer: em.create(Customer, { name: title } as never),
        lines: [{ product: title }],
      } as never),
    );
    await em.flush();
    orderIds = orders.map(({ id }) => id);
    await servers.caughtUp();
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  const fork = (): Em => orm.em.fork() as unknown as Em;
  const who = async (em = fork()): Promise<number> => (await em.findOneOrFail(Order, { id: orderIds[0]! })).servedBy;
  const builder = (em = fork()) =>
    em
      .createQueryBuilder(Order, 'o')
      .select('*')
      .where({ id: orderIds[0]! } as never);
  const whoOf = async (made: ReturnType<typeof builder>): Promise<number> =>
    ((await made.getSingleResult()) as unknown as Order).servedBy;

  it('send reads where they say, and nest', async () => {
    expect(await usePrimary(() => who())).toBe(primary);
    expect(await useDatabase('replica-2', () => who())).toBe(replicas[1]);
    expect(replicas).toContain(await usePrimary(() => useReplica(() => who())));
    expect(replicas).toContain(await who());
  });

  it('are kept apart when they run at once', async () => {
    const seen = await Promise.all([
      usePrimary(() => times(5, () => who())),
      useDatabase('replica-1', () => times(5, () => who())),
      useDatabase('replica-2', () => times(5, () => who())),
    ]);
    expect(seen.map((each) => [...new Set(each)])).toEqual([[primary], [replicas[0]], [replicas[1]]]);
  });

  it('hold inside and around a request context', async () => {
    expect(await RequestContext.create(orm.em, () => usePrimary(() => who(orm.em as never)))).toBe(primary);
    expect(await usePrimary(() => RequestContext.create(orm.em, () => who(orm.em as never)))).toBe(primary);
  });

  it('refuse writes inside useReplica before they are sent', async () => {
    const em = fork();
    em.create(Audit, { what: 'no' } as never);
    await expect(useReplica(() => em.flush())).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
    await expect(useDatabase('replica-1', () => fork().insert(Audit, { what: 'no' } as never))).rejects.toMatchObject({
      code: 'SLUICE_REPLICA_WRITE',
    });
    expect(await fork().count(Audit, { what: 'no' }, { connectionType: 'write' })).toBe(0);
  });

  it('reject a database that nobody knows', async () => {
    await expect(useDatabase('replica-9', () => who())).rejects.toMatchObject({ code: 'SLUICE_UNKNOWN_DATABASE' });
  });

  it('stay with a query builder that was made inside, and with its clones', async () => {
    const made = usePrimary(() => builder());
    expect(await whoOf(made.clone())).toBe(primary);
    expect(await whoOf(made)).toBe(primary);
    const outside = builder();
    expect(await usePrimary(() => whoOf(outside))).toBe(primary);
  });

  it('stay with a builder that a decorated method returns', async () => {
    class Orders {
      @UsePrimary()
      all(): ReturnType<typeof builder> {
        return builder();
      }
    }
    expect(await whoOf(new Orders().all())).toBe(primary);
  });

  if (!isVersion6) {
    it('stay with a stream that was made inside', async () => {
      const made: AsyncIterable<unknown>[] = [];
      usePrimary(() => void made.push(fork().stream(Order, { where: { id: orderIds[0]! } } as never)));
      const [rows] = made as [AsyncIterable<unknown>];
      for await (const row of rows) expect((row as Order).servedBy).toBe(primary);
      const built = usePrimary(() => builder());
      for await (const row of built.stream()) expect((row as unknown as Order).servedBy).toBe(primary);
    });
  }

  it('decide where a reference and a collection are loaded: where they are touched first', async () => {
    const order = await fork().findOneOrFail(Order, { id: orderIds[0]! });
    const customer = await usePrimary(() => order.customer!.loadOrFail());
    expect(customer.servedBy).toBe(primary);
    const lines = await usePrimary(() => order.lines.loadItems());
    expect(lines[0]?.servedBy).toBe(primary);
  });

  it('are right for each caller of one dataloader', async () => {
    const em = fork();
    const orders = await em.find(Order, { id: orderIds as never }, { orderBy: { id: 'asc' } as never });
    const load = (order: Order | undefined) => order!.customer!.loadOrFail({ dataloader: true });
    const [plain, wanted, third] = await Promise.all([
      load(orders[0]),
      usePrimary(() => load(orders[1])),
      load(orders[2]),
    ]);
    expect(replicas).toContain(plain!.servedBy);
    expect(wanted!.servedBy).toBe(primary);
    expect(third!.servedBy).toBe(plain!.servedBy);
  });

  it('see no row of a replica that the result cache has kept', async () => {
    const cached = async (key: string | undefined): Promise<number> => {
      const cache = key === undefined ? 60_000 : ([key, 60_000] as [string, number]);
      return (await fork().findOneOrFail(Order, { id: orderIds[1]! }, { cache })).servedBy;
    };
    for (const key of [undefined, 'named']) {
      const first = await cached(key);
      expect(replicas).toContain(first);
      expect(await cached(key)).toBe(first);
      expect(await usePrimary(() => cached(key))).toBe(primary);
      expect(await cached(key)).toBe(first);
    }
  });

  it('do not move reads to the primary that are none of theirs', async () => {
    const taken = await routesDuring(orm, () => Promise.all([usePrimary(() => who()), who(), who()]));
    expect(taken.filter((name) => name === 'default')).toHaveLength(1);
  });
});
