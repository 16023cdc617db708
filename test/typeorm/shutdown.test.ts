import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { leavingNothing } from './support/resources.js';
import { onServers } from './support/scene.js';
import { Tag } from './support/shop.js';
import { slowRead, tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: destroy() finishes within 1 s and leaves no timer, socket or waiter. */
describe.each(ENGINES)('destroy() on %s', (engine) => {
  const scene = onServers(engine);
  const read = (source: RoutedDataSource): Promise<unknown> => source.getRepository(Tag).find({ take: 1 });
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  };
  const codeOf = (outcome: PromiseSettledResult<unknown>): string =>
    outcome.status === 'fulfilled' ? 'served' : String((outcome.reason as { code?: unknown }).code);

  it('settles hundreds of operations, in flight and waiting, within 1 s, and may be followed by another start', async () => {
    const source = await scene.open({ typeorm: { poolSize: 5 } });
    const label = 'destroyed';
    let served = 0;
    const operations = Array.from({ length: 400 }, (_, index) => {
      const work = [
        () => read(source),
        () => source.getRepository(Tag).insert({ label }),
        () => source.getRepository(Tag).save({ label }),
        () => source.query(slowRead(engine, 0.1)),
      ][index % 4]!;
      return work().then(() => (served += 1));
    });
    const settled = Promise.allSettled(operations);
    await until('the load is under way', () => served > 20);
    let outcomes: readonly string[] = [];
    const ms = await timed(async () => {
      await source.destroy();
      outcomes = (await settled).map(codeOf);
    });
    const tally = Object.fromEntries(
      [...new Set(outcomes)].map((code) => [code, outcomes.filter((one) => one === code).length]),
    );
    process.stdout.write(`${engine}: destroy() under load took ${ms.toFixed(0)} ms: ${JSON.stringify(tally)}\n`);
    expect(ms).toBeLessThan(1_000);
    const { served: _served, SLUICE_CLOSED: closed = 0, SLUICE_OUTCOME_UNKNOWN: _unknown, ...others } = tally;
    expect(others).toEqual({});
    expect(closed).toBeGreaterThan(50);
    const writes = outcomes.filter(
      (code, index) => code !== 'SLUICE_CLOSED' && (index % 4 === 1 || index % 4 === 2),
    ).length;
    expect(await tagsLabelled(scene, label)).toBeLessThanOrEqual(writes);
    await source.initialize();
    await read(source);
    await source.getRepository(Tag).save({ label: 'after the second start' });
  });

  it('lets what is under way finish, and leaves nothing open', async () => {
    await leavingNothing(async () => {
      const source = await scene.open();
      await Promise.all([read(source), source.getRepository(Tag).insert({ label: 'open' })]);
      const reading = source.query(slowRead(engine, 0.2));
      await new Promise((resolve) => setImmediate(resolve));
      await source.destroy();
      expect(await reading).toHaveLength(1);
    });
  });

  it('is quick when nothing is under way', async () => {
    const source = await scene.open();
    await Promise.all([read(source), read(source), source.getRepository(Tag).insert({ label: 'idle' })]);
    expect(await timed(() => source.destroy())).toBeLessThan(200);
  });

  it('lets a transaction finish that is quick about it', async () => {
    const source = await scene.open();
    let begun = (): void => undefined;
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    const transaction = source.transaction(async (manager) => {
      for (let statement = 0; statement < 3; statement += 1) {
        await manager.insert(Tag, { label: 'finished in time' });
        begun();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    await beginning;
    await source.destroy();
    await transaction;
    expect(await tagsLabelled(scene, 'finished in time')).toBe(3);
  });

  it('ends an open transaction, which is rolled back', async () => {
    const source = await scene.open();
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Tag, { label: 'open at the end' });
    expect(await timed(() => source.destroy())).toBeLessThan(1_000);
    const committing = runner.commitTransaction();
    await expect(committing).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
    await runner.release();
    expect(await tagsLabelled(scene, 'open at the end')).toBe(0);
  });

  it('refuses what comes after it', async () => {
    const source = await scene.open();
    const runner = source.createQueryRunner();
    await runner.query('SELECT 1');
    await source.destroy();
    await expect(read(source)).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
    await expect(source.getRepository(Tag).save({ label: 'late' })).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
    await expect(runner.query('SELECT 1')).rejects.toMatchObject({ code: 'SLUICE_CLOSED' });
    await source.initialize();
    await runner.query('SELECT 1');
    await runner.release();
  });

  it('stops the checks of a database that is down', async () => {
    await leavingNothing(async () => {
      const source = await scene.open({ probeIntervalMs: 334 });
      await read(source);
      await scene.servers.replica(2).kill();
      await until('the crash is noticed', () => source.cluster.databases.get('replica-2')?.health === 'down');
      await source.destroy();
    });
  });

  it('ten times in a row leaves no connection on any server', async () => {
    const source = scene.source({ typeorm: { poolSize: 3 } });
    for (let turn = 0; turn < 10; turn += 1) {
      await source.initialize();
      await Promise.all([read(source), read(source), source.getRepository(Tag).insert({ label: 'again' })]);
      await source.destroy();
    }
    const sql =
      engine === 'postgres'
        ? "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE usename = 'app'"
        : "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = 'app'";
    for (const server of scene.servers.servers) {
      await until('the server has no client', async () => Number((await server.query(sql))[0]?.['n']) === 0);
    }
  });
});
