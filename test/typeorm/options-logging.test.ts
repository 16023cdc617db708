import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutableOptions } from '@sluice/typeorm';
import { RoutedDataSource } from '@sluice/typeorm';
import type { DataSource } from 'typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { Recorder } from './support/recorder.js';
import { during, plainOptions, stock } from './support/side-by-side.js';
import { Audit, Line, Order, Tag } from './support/shop.js';

/** A bit of everything an application does. */
async function story(ds: DataSource): Promise<void> {
  const orders = ds.getRepository(Order);
  await ds.synchronize(true);
  const order = await orders.save({ title: 'a', lines: [{ product: 'p' }, { product: 'q' }], tags: [{ label: 't' }] });
  await orders.save({ id: order.id, title: 'b', lines: [] });
  await orders.find({ where: { id: order.id }, relations: { lines: true, tags: true } });
  await orders.find({ relations: { lines: true }, relationLoadStrategy: 'query' });
  await orders.findAndCount({ relations: { tags: true }, take: 1 });
  await orders.createQueryBuilder('o').leftJoinAndSelect('o.lines', 'l').take(2).getManyAndCount();
  await orders.existsBy({ title: 'b' });
  await orders.increment({ id: order.id }, 'paid', 5);
  await ds.getRepository(Tag).upsert({ id: 1, label: 'u' }, ['id']);
  await ds.transaction(async (manager) => {
    await manager.insert(Audit, { what: 'x' });
    await manager.transaction((nested) => nested.update(Audit, { what: 'x' }, { what: 'y' }));
    await manager.findOne(Audit, { where: { what: 'y' }, lock: { mode: 'pessimistic_write' } });
  });
  await ds.transaction('SERIALIZABLE', (manager) => manager.count(Audit));
  await ds
    .transaction(async (manager) => {
      await manager.insert(Audit, { what: 'gone' });
      throw new Error('undone');
    })
    .catch(() => undefined);
  await ds.query('SELECT 1 AS one');
  await ds.query('SELECT no_such_column').catch(() => undefined);
  await ds.createQueryBuilder().relation(Order, 'tags').of(order.id).loadMany();
  await ds.getRepository(Line).clear();
  await orders.remove(await orders.find());
}

describe.each(ENGINES)('the log on %s', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine, 0);
  });
  afterAll(() => servers?.stop());

  const both = (options: Record<string, unknown>): readonly [DataSource, DataSource] => [
    stock(options),
    new RoutedDataSource(options as unknown as RoutableOptions, { databases: { default: {} } }),
  ];

  it('holds the same calls with the same SQL and parameters as TypeORM’s', async () => {
    const told: Recorder[] = [];
    for (const at of [0, 1] as const) {
      const logger = new Recorder();
      await during(stock(plainOptions(servers)), (ds) => ds.dropDatabase());
      await during(both({ ...plainOptions(servers), logger, logging: true })[at], story);
      told.push(logger);
    }
    const [theirs, ours] = told;
    expect(ours!.queries).toEqual(theirs!.queries);
    expect(ours!.parameters).toEqual(theirs!.parameters);
    expect(ours!.failed).toEqual(theirs!.failed);
    expect(ours!.schema).toEqual(theirs!.schema);
    expect(ours!.said).toEqual(theirs!.said);
    expect(ours!.queries.length).toBeGreaterThan(60);
  });

  it.each([
    ['logging: true', { logging: true }],
    ['logging: false', { logging: false }],
    ['no logging', {}],
    ['queries only', { logging: ['query'] }],
    ['errors only', { logging: ['error'] }],
    ['all', { logging: 'all' }],
    ['another format', { logging: true, logger: 'simple-console' }],
  ] as const)('printed with %s is as TypeORM prints it', async (_name, options) => {
    const printed: unknown[][] = [];
    for (const at of [0, 1] as const) {
      const lines: unknown[] = [];
      const spies = (['log', 'info', 'warn', 'error'] as const).map((method) =>
        jest.spyOn(console, method).mockImplementation((...args: unknown[]) => void lines.push([method, ...args])),
      );
      await during(both({ ...plainOptions(servers), ...options })[at], async (ds) => {
        await ds.query('SELECT 1 AS one');
        await ds.query('SELECT no_such_column').catch(() => undefined);
      });
      for (const spy of spies) spy.mockRestore();
      printed.push(lines);
    }
    expect(printed[1]).toEqual(printed[0]);
  });
});
