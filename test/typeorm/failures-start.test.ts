import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { DataSource } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { databasesOf, portOf } from './support/opened.js';
import { leavingNothing } from './support/resources.js';
import { onServers } from './support/scene.js';
import { Order, SHOP, Tag } from './support/shop.js';

/** DESIGN.md, section 6: a database that is down never stops the program from starting. */
describe.each(ENGINES)('starting on %s', (engine) => {
  const scene = onServers(engine);

  /** Milliseconds of the quickest of five starts; the machine may be busy. */
  async function startMs(make: () => DataSource): Promise<number> {
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const source = make();
      const begin = performance.now();
      await source.initialize();
      times.push(performance.now() - begin);
      await source.destroy();
    }
    return Math.min(...times);
  }

  /** Stock TypeORM on the primary alone: what connecting there costs. */
  const primaryAlone = (): DataSource =>
    new DataSource({ type: engine, entities: SHOP, ...databasesOf(scene.servers)['default'] } as never);

  const tag = (source: RoutedDataSource, label: string) => source.getRepository(Tag).insert({ label });
  const readers = async (source: RoutedDataSource): Promise<readonly number[]> => {
    const ports: number[] = [];
    for (let turn = 0; turn < 6; turn += 1)
      ports.push((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy);
    return ports;
  };

  it('costs no more than 50 ms with a replica that refuses', async () => {
    await scene.servers.replica(1).kill();
    const alone = await startMs(primaryAlone);
    const routed = await startMs(() => scene.source());
    process.stdout.write(
      `${engine}: start ${routed.toFixed(1)} ms with a dead replica, ${alone.toFixed(1)} ms alone\n`,
    );
    expect(routed).toBeLessThanOrEqual(alone + 50);
  });

  it('costs no more than 50 ms with a replica that is a black hole', async () => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    proxy.blackHole();
    const alone = await startMs(primaryAlone);
    const routed = await startMs(() => scene.source({ databases }));
    process.stdout.write(`${engine}: start ${routed.toFixed(1)} ms with a black hole, ${alone.toFixed(1)} ms alone\n`);
    expect(routed).toBeLessThanOrEqual(alone + 50);
  });

  it('succeeds without the primary, and serves reads until it is back', async () => {
    await scene.servers.primary.kill();
    const source = await scene.open();
    for (const port of await readers(source)) expect(scene.replicas).toContain(port);
    const write = tag(source, 'while down');
    await expect(write).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    for (const name of ['default', 'replica-1', 'replica-2']) await expect(write).rejects.toThrow(`${name} is `);
    await expect(write).rejects.toThrow('default is down');
    await scene.servers.primary.restart();
    await tag(source, 'back');
    expect(await source.getRepository(Order).save({ title: 'back' })).toMatchObject({ title: 'back' });
  });

  it('succeeds without the primary when connecting to it takes too long', async () => {
    const { proxy, databases } = await scene.behindProxy('default');
    proxy.blackHole();
    const limit = engine === 'postgres' ? { connectTimeoutMS: 150 } : { connectTimeout: 150 };
    const source = await scene.open({ databases, typeorm: limit });
    for (const port of await readers(source)) expect(scene.replicas).toContain(port);
    await expect(tag(source, 'black hole')).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    await proxy.restore();
    await tag(source, 'restored');
  });

  it('fails if nothing answers, leaves nothing open, and may be tried again', async () => {
    for (const server of scene.servers.servers) await server.kill();
    const source = scene.source();
    await leavingNothing(async () => {
      const start = source.initialize();
      await expect(start).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
      for (const name of ['default', 'replica-1', 'replica-2']) await expect(start).rejects.toThrow(`${name} is down`);
    });
    expect(source.isInitialized).toBe(false);
    await scene.servers.primary.restart();
    await source.initialize();
    await tag(source, 'second start');
    expect(portOf(scene.servers, 'default')).toBe((await readers(source))[0]);
  });

  it('fails with the database’s own error if the password is wrong', async () => {
    const databases = databasesOf(scene.servers);
    const wrong = Object.fromEntries(
      Object.entries(databases).map(([name, one]) => [name, { ...one, password: 'wrong' }]),
    );
    await leavingNothing(async () => {
      const start = scene.source({ databases: wrong }).initialize();
      await expect(start).rejects.toMatchObject(engine === 'postgres' ? { code: '28P01' } : { errno: 1045 });
    });
  });
});
