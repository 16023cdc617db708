import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { useDatabase } from '@sluice/typeorm';
import { Crowd } from './support/crowd.js';
import { ENGINES } from './support/engines.js';
import type { Options } from './support/opened.js';
import { onServers } from './support/scene.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

describe.each(ENGINES)('a pool of one connection on %s', (engine) => {
  const scene = onServers(engine);
  /** With one connection to each database, and a pool that says so when it is taken. */
  const impatient = engine === 'postgres' ? { connectionTimeoutMillis: 100 } : { waitForConnections: false };
  const open = (options: Options = {}): Promise<RoutedDataSource> =>
    scene.open({ ...options, typeorm: { poolSize: 1, extra: impatient } });
  const tooBusy = {
    code: 'SLUICE_OVERLOADED',
    message: expect.stringMatching(/^every connection of the pool of default is in use, .* raise the pool's size/),
    cause: { message: expect.stringMatching(/timeout exceeded when trying to connect|No connections available/) },
  };

  it('that is taken refuses writes and transactions as overload, and is well when it is free', async () => {
    const source = await open();
    await source.transaction(async () => {
      await expect(source.getRepository(Tag).insert({ label: 'beside' })).rejects.toMatchObject(tooBusy);
      await expect(source.getRepository(Tag).save({ label: 'beside' })).rejects.toMatchObject(tooBusy);
      await expect(source.transaction(() => Promise.resolve())).rejects.toMatchObject(tooBusy);
    });
    expect(source.cluster.databases.all.map(({ health }) => health)).toEqual(['up', 'up', 'up']);
    await source.getRepository(Tag).insert({ label: 'free again' });
    expect(await tagsLabelled(scene, 'beside')).toBe(0);
    expect(source.cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  });

  it('that is taken lets reads go elsewhere, and refuses them where they may not', async () => {
    const source = await open();
    const stream = await useDatabase('replica-1', () => source.getRepository(Tag).createQueryBuilder('tag').stream());
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy).toBe(scene.replicas[1]);
    }
    await expect(useDatabase('replica-1', () => source.getRepository(Tag).count())).rejects.toMatchObject({
      code: 'SLUICE_OVERLOADED',
      message: expect.stringContaining('the pool of replica-1'),
    });
    for await (const _row of stream);
    expect(await useDatabase('replica-1', () => source.getRepository(Tag).count())).toBeGreaterThan(0);
  });

  it('that is taken is no excuse for a server that refuses to be reached', async () => {
    const { proxy, databases } = await scene.behindProxy('default');
    const source = await open({ databases, probe: 'tcp', probeIntervalMs: 50 }); // by SQL, the connection of the checks lives on, too
    await source.transaction(async () => {
      await proxy.refuse(); // the connection of the transaction lives on
      await until('a check has found it', () => source.cluster.databases.default.health === 'down');
      await expect(source.getRepository(Tag).insert({ label: 'refused' })).rejects.toMatchObject({
        code: 'SLUICE_NO_DATABASE',
        message: expect.stringMatching(/default is down \([^)]*ECONNREFUSED/),
        cause: tooBusy.cause,
      });
      await proxy.restore();
    });
  });
});

describe.each(ENGINES)('a server that admits no more clients on %s', (engine) => {
  const scene = onServers(engine, { maxConnections: 10, probe: 'tcp' });

  it('is told from a pool that is too small', async () => {
    const source = await scene.open();
    const runner = source.createQueryRunner();
    await runner.startTransaction(); // so that the pool has to open another connection
    const crowd = await Crowd.on(scene);
    await expect(source.getRepository(Tag).insert({ label: 'full' })).rejects.toMatchObject({
      code: 'SLUICE_OVERLOADED',
      message: expect.stringMatching(/^default has no connection to spare for this write; raise the server's limit/),
      cause: engine === 'postgres' ? { code: '53300' } : { errno: 1040 },
    });
    await runner.rollbackTransaction();
    await runner.release();
    await crowd.leave();
    await source.getRepository(Tag).insert({ label: 'room' });
    expect(await tagsLabelled(scene, 'full')).toBe(0);
  });
});
