import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { MultipleMasterSlave, MultiPrimaryRouter, roundRobin, runInSession } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { routesDuring, tally, times } from './support/routes.js';
import { Audit, Line, Order, Tag } from './support/shop.js';
import { startTwoPrimaries, type TwoPrimaries } from './support/two-primaries.js';

describe.each(ENGINES)('MultiPrimaryRouter on %s', (engine) => {
  let two: TwoPrimaries;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    two = await startTwoPrimaries(engine);
  });
  afterAll(() => two?.stop());
  afterEach(async () => {
    await ds?.destroy();
    await two.empty('line', 'order_tags_tag', 'tag', 'order', 'audit');
  });

  const graph = () =>
    ds.getRepository(Order).save({ title: 'o', lines: [{ product: 'a' }, { product: 'b' }], tags: [{ label: 't' }] });

  it.each([
    ['an instance', new MultiPrimaryRouter()],
    ['a class', MultiPrimaryRouter],
    ['its name', 'MultiPrimaryRouter'],
    ['the alias', MultipleMasterSlave],
    ['the name of the alias', 'MultipleMasterSlave'],
  ] as const)('given as %s, writes to and reads from every primary', async (_form, router) => {
    ds = await two.open({ router });
    const written = await times(60, () => routesDuring(ds, () => ds.getRepository(Audit).insert({ what: 'a' })));
    expect(new Set(written.flat())).toEqual(new Set(['default', 'primary-2']));
    const read = await times(60, () => routesDuring(ds, () => ds.getRepository(Audit).count()));
    expect(new Set(read.flat())).toEqual(new Set(['default', 'primary-2']));
  });

  it('spreads its writes evenly when it takes turns', async () => {
    ds = await two.open({ router: new MultiPrimaryRouter({ select: roundRobin() }) });
    const written = await times(40, () => routesDuring(ds, () => ds.getRepository(Audit).insert({ what: 'a' })));
    expect(tally(written.flat())).toEqual({ default: 20, 'primary-2': 20 });
    expect(await two.rows('audit')).toEqual({ default: 20, 'primary-2': 20 });
  });

  it('writes a whole graph to one primary, and different graphs to different ones', async () => {
    ds = await two.open({ router: new MultiPrimaryRouter({ select: roundRobin() }) });
    for (let turn = 0; turn < 6; turn += 1) {
      expect(new Set(await routesDuring(ds, graph)).size).toBe(1);
    }
    const { default: first, 'primary-2': second } = await two.rows('order');
    expect([first, second]).toEqual([3, 3]);
    expect(await two.rows('line')).toEqual({ default: 6, 'primary-2': 6 });
    expect(await two.rows('tag')).toEqual({ default: 3, 'primary-2': 3 });
  });

  it('keeps a transaction on one primary, its reads and saves too', async () => {
    ds = await two.open({ router: new MultiPrimaryRouter({ select: roundRobin() }) });
    for (let turn = 0; turn < 4; turn += 1) {
      await ds.transaction(async (manager) => {
        const order = await manager.save(Order, { title: 'o', lines: [{ product: 'a' }] });
        await manager.insert(Audit, { what: 'a' });
        const found = await manager.findOneByOrFail(Order, { id: order.id });
        const lines = await manager.findBy(Line, { order: { id: order.id } });
        expect(lines.map(({ servedBy }) => servedBy)).toEqual([found.servedBy]);
      });
    }
    expect(await two.rows('audit')).toEqual({ default: 2, 'primary-2': 2 });
    expect(await two.rows('order')).toEqual({ default: 2, 'primary-2': 2 });
  });

  it('keeps a session that wrote on its primary, with its reads and its later writes', async () => {
    ds = await two.open({ router: new MultiPrimaryRouter({ select: roundRobin() }) });
    const homes = await times(4, () =>
      runInSession(async () => {
        const [home] = await routesDuring(ds, () => ds.getRepository(Tag).insert({ label: 't' }));
        const later = await routesDuring(ds, async () => {
          await ds.getRepository(Tag).count();
          await graph();
          await ds.transaction((manager) => manager.insert(Audit, { what: 'a' }));
          await ds.getRepository(Order).find({ relations: { lines: true } });
        });
        expect(new Set(later)).toEqual(new Set([home]));
        return home ?? '';
      }),
    );
    expect(tally(homes)).toEqual({ default: 2, 'primary-2': 2 });
  });

  it('leaves a session that only read free', async () => {
    ds = await two.open({ router: new MultiPrimaryRouter({ select: roundRobin() }) });
    const read = await runInSession(() => times(10, () => routesDuring(ds, () => ds.getRepository(Tag).count())));
    expect(tally(read.flat())).toEqual({ default: 5, 'primary-2': 5 });
  });
});
