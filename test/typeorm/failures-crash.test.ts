import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter, PrimaryReplicaRouter, roundRobin } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { portOf } from './support/opened.js';
import { Readers } from './support/readers.js';
import { onServers } from './support/scene.js';
import { running } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { portIn, slowRead } from './support/sql.js';
import { until } from './support/until.js';

const WORKERS = 20;

/** DESIGN.md, section 9: failed reads while a replica is killed: 0. */
describe.each(ENGINES)('a crash on %s', (engine) => {
  const scene = onServers(engine);
  const oneRead = async (source: RoutedDataSource): Promise<number> =>
    (await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy;
  /** Waits until reads are answered by these servers and by no other: their number in a row, three times over. */
  const readsComeFrom = (source: RoutedDataSource, ports: readonly number[]) =>
    until(`reads come from ${ports.join(', ')} only`, async () => {
      const seen = new Set<number>();
      for (let turn = 0; turn < 3 * ports.length; turn += 1) seen.add(await oneRead(source));
      return seen.size === ports.length && ports.every((port) => seen.has(port));
    });

  it('of a replica fails none of the reads around it, and the replica is used again when it is back', async () => {
    const source = await scene.open();
    const readers = new Readers(source, WORKERS);
    await readers.more(300);
    await scene.servers.replica(1).kill();
    await readers.more(600);
    await scene.servers.replica(1).restart();
    await readers.servedBy(scene.servers.replica(1).port);
    await readers.stop();
    process.stdout.write(`${engine}: ${readers.total} reads around a crash, ${readers.failures.length} failed\n`);
    expect(readers.failures).toEqual([]);
    expect(new Set(readers.served.keys())).toEqual(new Set(scene.replicas));
  });

  it('of a replica lets another database answer what it was reading', async () => {
    const source = await scene.open({ routeRawReads: true });
    const reading = source.query(`${slowRead(engine, 0.3)} /* in flight */`);
    const { server } = await running(scene, 'in flight');
    await server.kill();
    const answered = portIn(await reading);
    expect(scene.replicas).toContain(answered);
    expect(answered).not.toBe(server.port);
  });

  it('of a replica lets another database answer all that one query runner was reading', async () => {
    const inTurn = roundRobin();
    const router = new PrimaryReplicaRouter({
      select: (candidates) => candidates.find(({ name }) => name === 'replica-1') ?? inTurn(candidates),
    });
    const source = await scene.open({ routeRawReads: true, router });
    const runner = source.createQueryRunner('slave');
    const readings = ['one', 'two', 'three'].map((name) => runner.query(`${slowRead(engine, 0.2)} /* ${name} */`));
    const { server } = await running(scene, 'one');
    await server.kill();
    const ports = (await Promise.all(readings)).map(portIn);
    expect(ports).not.toContain(server.port);
    expect(new Set(ports).size).toBe(1);
    await runner.release();
  });

  it('of a replica fails none of the reads that wait for a connection to it', async () => {
    const router = new FailoverRouter();
    const source = await scene.open({ router, routeRawReads: true, typeorm: { poolSize: 2 } });
    const readings = Array.from({ length: 40 }, () => source.query(`${slowRead(engine, 0.05)} /* in a queue */`));
    const { server } = await running(scene, 'in a queue');
    await server.kill();
    const ports = (await Promise.all(readings)).map(portIn);
    expect(new Set(ports)).toEqual(new Set([...ports.slice(0, 1), portOf(scene.servers, 'replica-2')]));
    expect(source.cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  });

  it('of both replicas moves reads to the primary until one is back', async () => {
    const source = await scene.open();
    const readers = new Readers(source, WORKERS);
    await readers.more(100);
    await Promise.all([scene.servers.replica(1).kill(), scene.servers.replica(2).kill()]);
    await readers.servedBy(scene.servers.primary.port);
    await readers.more(200);
    await scene.servers.replica(2).restart();
    await readers.servedBy(scene.servers.replica(2).port);
    await readers.stop();
    expect(readers.failures).toEqual([]);
    await readsComeFrom(source, [scene.servers.replica(2).port]);
  });

  it('of every database fails statements until one is back', async () => {
    const source = await scene.open();
    await oneRead(source);
    await Promise.all(scene.servers.servers.map((server) => server.kill()));
    await expect(oneRead(source)).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    await expect(source.getRepository(Tag).insert({ label: 'x' })).rejects.toMatchObject({
      code: 'SLUICE_NO_DATABASE',
    });
    await expect(source.getRepository(Tag).save({ label: 'x' })).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
    await scene.servers.replica(1).restart();
    expect(await oneRead(source)).toBe(scene.servers.replica(1).port);
    await scene.servers.primary.restart();
    await source.getRepository(Tag).insert({ label: 'back' });
    await scene.servers.replica(2).restart();
    await readsComeFrom(source, scene.replicas);
  });
});
