import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectRef } from '@sluice/mikro-orm';
import { ReplicaRouter, Router } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers } from './support/engines.js';
import type { Orm } from './support/opened.js';
import { closeAll, connected, ready } from './support/opened.js';
import { Customer, Line, Order } from './support/shop.js';

class Asked extends Router {
  answer: boolean | undefined;
  readonly asked: (readonly [ObjectRef, ObjectRef])[] = [];

  override allowRelation(a: ObjectRef, b: ObjectRef): boolean | undefined {
    this.asked.push([a, b]);
    return this.answer;
  }
}

describe.each(ENGINES)('relations on %s', (engine) => {
  let servers: Servers;
  const router = new Asked();
  let orm: Orm;
  let other: Orm;

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { routers: [router, new ReplicaRouter()], name: 'one' });
    other = await connected(servers, { router: new ReplicaRouter(), name: 'two' });
    const em = orm.em.fork();
    em.create(Customer, { name: 'Ada' } as never);
    await em.flush();
    await servers.caughtUp();
  });
  beforeEach(() => {
    router.answer = undefined;
    router.asked.length = 0;
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  it('tell the routers of both objects, and where they came from', async () => {
    const em = orm.em.fork();
    const customer = await em.findOneOrFail(Customer, { name: 'Ada' });
    const order = em.create(Order, { title: 'related', customer } as never);
    await em.flush();
    const [one, two] = router.asked[0]!;
    expect([one.model, one.instance === order, one.cluster, one.database]).toEqual([Order, true, undefined, undefined]);
    expect([two.model, two.instance === customer, two.cluster]).toEqual([Customer, true, 'one']);
    expect(two.database?.name).toMatch(/^replica/);
    router.asked.length = 0;
    em.create(Line, { product: 'x', order } as never);
    await em.flush();
    const saved = router.asked.at(-1)![1];
    expect([saved.instance === order, saved.cluster, saved.database?.name]).toEqual([true, 'one', 'default']);
  });

  it('are refused before anything is sent if a router says so', async () => {
    router.answer = false;
    for (const write of [
      async (em: Orm['em']) => em.flush(),
      async (em: Orm['em']) =>
        em.transactional(
          (inside) => (
            inside.create(Order, { title: 'no', customer: inside.create(Customer, { name: 'no' } as never) } as never),
            inside.flush()
          ),
        ),
    ]) {
      const em = orm.em.fork() as Orm['em'];
      em.create(Order, { title: 'no', customer: em.create(Customer, { name: 'no' } as never) } as never);
      await expect(write(em)).rejects.toMatchObject({ code: 'SLUICE_RELATION_REFUSED' });
    }
    router.answer = true;
    expect(await orm.em.fork().count(Customer, { name: 'no' }, { connectionType: 'write' })).toBe(0);
  });

  it('are refused between two clusters, unless a router allows them', async () => {
    const foreign = await other.em.fork().findOneOrFail(Customer, { name: 'Ada' });
    const em = orm.em.fork();
    em.persist(
      Object.assign(new Order(), {
        title: 'foreign',
        customer: (await import('@mikro-orm/core')).Reference.create(foreign),
      }),
    );
    await expect(em.flush()).rejects.toMatchObject({
      code: 'SLUICE_RELATION_REFUSED',
      message: expect.stringMatching(/Order of cluster one may not be related to Customer of cluster two/),
    });
  });
});
