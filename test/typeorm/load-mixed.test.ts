import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { readTransaction, ReplicaRouter, runInSession, usePrimary } from '@sluice/typeorm';
import { setImmediate as turn } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { onServers } from './support/scene.js';
import { sessionsOf } from './support/sessions.js';
import { Order, Tag } from './support/shop.js';
import { slowRead, tagsLabelled } from './support/sql.js';

/** The connection of each database that is reserved for checks. */
const CHECKS = 1;

/** Mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

describe.each(ENGINES)('a mixed load on %s', (engine) => {
  const scene = onServers(engine);
  const idle = (source: RoutedDataSource): void => {
    expect(source.cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
  };
  /** Proves that every connection of every pool is there: as many are taken at once as a pool may have. */
  async function allConnectionsAreFree(source: RoutedDataSource, poolSize: number): Promise<void> {
    const runners: QueryRunner[] = [];
    for (const mode of ['master', 'slave'] as const) {
      const databases = mode === 'master' ? 1 : 2;
      for (let taken = 0; taken < databases * poolSize; taken += 1) {
        const runner = source.createQueryRunner(mode);
        await runner.connect();
        runners.push(runner);
      }
    }
    await Promise.all(runners.map((runner) => runner.release()));
    for (const server of scene.servers.servers)
      expect((await sessionsOf(scene, server)).length).toBeLessThanOrEqual(poolSize + CHECKS);
  }

  it('leaves no connection checked out, whether its operations succeed or fail', async () => {
    const source = await scene.open({ typeorm: { poolSize: 3 } });
    const fails = (work: Promise<unknown>): Promise<void> => expect(work).rejects.toBeInstanceOf(Error);
    const operations: readonly (() => Promise<unknown>)[] = [
      () => source.getRepository(Tag).find({ take: 1 }),
      () => source.getRepository(Order).findAndCount({ relations: { lines: true }, take: 2 }),
      () => source.getRepository(Tag).save({ label: 'mixed' }),
      () => source.getRepository(Tag).insert({ label: 'mixed' }),
      () => source.transaction((manager) => manager.insert(Tag, { label: 'mixed' })),
      () =>
        fails(
          source.transaction(async (manager) => {
            await manager.insert(Tag, { label: 'rolled back' });
            throw new Error('by the application');
          }),
        ),
      () => fails(source.query('SELECT * FROM nowhere')),
      () => fails(source.getRepository(Tag).createQueryBuilder('t').where('t.nothing = 1').getMany()),
      () => readTransaction(source, (manager) => manager.find(Tag, { take: 1 })),
      async () => {
        const stream = await source.getRepository(Tag).createQueryBuilder('tag').stream();
        for await (const _row of stream) break;
      },
      async () => {
        const runner = source.createQueryRunner('slave');
        await Promise.all([runner.query('SELECT 1'), runner.query('SELECT 2'), runner.query('SELECT 3')]);
        await runner.release();
      },
      async () => {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        await runner.manager.insert(Tag, { label: 'released open' });
        await runner.release();
      },
      () =>
        usePrimary(() =>
          source.getRepository(Order).find({ relationLoadStrategy: 'query', relations: { lines: true } }),
        ),
    ];
    const chance = seeded(7);
    await Promise.all(Array.from({ length: 250 }, () => operations[Math.floor(chance() * operations.length)]!()));
    idle(source);
    await allConnectionsAreFree(source, 3);
    expect(await tagsLabelled(scene, 'rolled back')).toBe(0);
    expect(await tagsLabelled(scene, 'released open')).toBe(0);
    expect(await tagsLabelled(scene, 'mixed')).toBeGreaterThan(10);
  });

  it('keeps each request to its own class of database', async () => {
    const source = await scene.open({ router: new ReplicaRouter(), typeorm: { poolSize: 5 } });
    const primary = scene.servers.primary.port;
    const chance = seeded(11);
    const pause = async (): Promise<void> => {
      for (let turns = Math.floor(chance() * 5); turns > 0; turns -= 1) await turn();
    };
    const request = async (): Promise<readonly number[]> => {
      const ports: number[] = [];
      for (let read = 0; read < 4; read += 1) {
        await pause();
        ports.push((await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy);
      }
      return ports;
    };
    const served = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        runInSession(() => (index % 2 === 0 ? usePrimary(request) : request())),
      ),
    );
    for (const [index, ports] of served.entries()) {
      if (index % 2 === 0) expect(new Set(ports)).toEqual(new Set([primary]));
      else expect(ports).not.toContain(primary);
    }
    idle(source);
    await allConnectionsAreFree(source, 5);
  });

  it('leaks nothing when runners are released while they wait for a connection', async () => {
    const source = await scene.open({ typeorm: { poolSize: 2 } });
    const busy = [1, 2].map(() => source.query(slowRead(engine, 0.2)));
    await turn();
    const runners = Array.from({ length: 20 }, (_, index) =>
      source.createQueryRunner(index % 2 === 0 ? 'master' : 'slave'),
    );
    const waiting = runners.map((runner, index) => (index < 10 ? runner.connect() : runner.query('SELECT 1')));
    await Promise.all(runners.map((runner) => runner.release()));
    await Promise.allSettled([...waiting, ...busy]);
    idle(source);
    await allConnectionsAreFree(source, 2);
  });
});
