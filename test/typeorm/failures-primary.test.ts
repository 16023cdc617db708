import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Crowd } from './support/crowd.js';
import { ENGINES } from './support/engines.js';
import { onServers } from './support/scene.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { stock } from './support/stock.js';

const tag = (source: DataSource, label: string) => source.getRepository(Tag).insert({ label });

/** What is left of stock TypeORM's pool when it has given a server up. */
const GIVEN_UP = { code: 'POOL_NOEXIST' };

describe.each(ENGINES)('a primary that comes back on %s', (engine) => {
  const scene = onServers(engine);

  it.each(['kill', 'stop'] as const)('serves the next write at once after a %s', async (end) => {
    const source = await scene.open();
    await tag(source, 'before');
    await scene.servers.primary[end]();
    await expect(tag(source, 'while away')).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    await expect(source.getRepository(Tag).save({ label: 'while away' })).rejects.toMatchObject({
      code: 'SLUICE_NO_DATABASE',
    });
    await scene.servers.primary.restart();
    await tag(source, 'back');
    await source.getRepository(Tag).save({ label: 'back' });
    expect(await tagsLabelled(scene, 'while away')).toBe(0);
  });

  it('serves the next write when nobody has tried one meanwhile', async () => {
    const source = await scene.open({ typeorm: { poolSize: 4 } });
    await Promise.all(Array.from({ length: 4 }, () => tag(source, 'four connections')));
    await scene.servers.primary.kill();
    await scene.servers.primary.restart();
    await source.getRepository(Tag).save({ label: 'next' });
    await tag(source, 'next');
  });

  it('serves a runner again that was kept over the restart', async () => {
    const source = await scene.open();
    const runner = source.createQueryRunner();
    await runner.connect();
    await runner.query('SELECT 1');
    await scene.servers.primary.kill();
    await scene.servers.primary.restart();
    await runner.query('SELECT 1');
    await runner.manager.insert(Tag, { label: 'kept runner' });
    await runner.release();
    expect(await tagsLabelled(scene, 'kept runner')).toBe(1);
  });

  if (engine === 'mariadb') {
    it('is lost to stock TypeORM, which this one is measured by', async () => {
      const plain = await stock(scene);
      const source = await scene.open();
      await scene.servers.primary.kill();
      await Promise.allSettled([tag(plain, 'stock'), tag(source, 'routed')]);
      await scene.servers.primary.restart();
      await tag(source, 'routed again');
      await expect(tag(plain, 'stock again')).rejects.toMatchObject(GIVEN_UP);
      await expect(tag(plain, 'stock again')).rejects.toMatchObject(GIVEN_UP);
      await plain.destroy();
    });
  }
});

describe.each(ENGINES)('a primary that is full on %s', (engine) => {
  const scene = onServers(engine, { maxConnections: 10, probe: 'tcp' });
  const full = engine === 'postgres' ? { code: '53300' } : { errno: 1040 };

  it('refuses a write, and serves the first one after a connection has become free', async () => {
    const source = await scene.open();
    const runner = source.createQueryRunner();
    await runner.startTransaction(); // so that the pool has to open another connection
    const crowd = await Crowd.on(scene);
    await expect(tag(source, 'full')).rejects.toMatchObject({ code: 'SLUICE_OVERLOADED', cause: full });
    await expect(source.getRepository(Tag).save({ label: 'full' })).rejects.toMatchObject({
      code: 'SLUICE_OVERLOADED',
    });
    await crowd.makeRoom();
    await tag(source, 'room');
    await runner.rollbackTransaction();
    await runner.release();
    await crowd.leave();
    expect(await tagsLabelled(scene, 'full')).toBe(0);
    expect(source.cluster.databases.default.health).toBe('up');
  });

  it('serves every write of a burst once it is idle again', async () => {
    const source = await scene.open({ typeorm: { poolSize: 40 } });
    const plain = await stock(scene, { poolSize: 40 });
    const crowd = await Crowd.on(scene);
    const burst = (to: DataSource) => Promise.allSettled(Array.from({ length: 40 }, () => tag(to, 'burst')));
    await burst(source);
    const ofStock = await burst(plain);
    await crowd.leave();
    await tag(source, 'after the burst');
    expect(ofStock.some(({ status }) => status === 'rejected')).toBe(true);
    if (engine === 'mariadb') await expect(tag(plain, 'stock')).rejects.toMatchObject(GIVEN_UP);
    await plain.destroy();
  });
});
