import { describe, expect, it } from '@jest/globals';
import { failureOf } from '@sluice/core';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter, readTransaction } from '@sluice/typeorm';
import type { QueryRunner } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { eventsDuring } from './support/events.js';
import { Recorder } from './support/recorder.js';
import { onServers } from './support/scene.js';
import { type AppSession, endSession, running } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { slowRead, tagsLabelled } from './support/sql.js';

/** DESIGN.md, section 6: never inside a transaction. */
describe.each(ENGINES)('a transaction on %s', (engine) => {
  const scene = onServers(engine);

  /** The connection that a runner's transaction has. */
  async function sessionOf(runner: Pick<QueryRunner, 'query'>): Promise<AppSession> {
    const sql = engine === 'postgres' ? 'SELECT pg_backend_pid() AS id' : 'SELECT CONNECTION_ID() AS id';
    const [row] = (await runner.query(sql)) as { id: number }[];
    return { server: scene.servers.primary, id: row!.id, sql: '', busy: false };
  }
  const lostConnection = async (work: Promise<unknown>): Promise<void> => {
    const error: Error = await work.then(
      () => new Error('it did not fail'),
      (reason: Error) => reason,
    );
    expect(failureOf(engine === 'postgres' ? 'postgres' : 'mysql', error)).toBe('lost');
    expect(error).not.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
  };

  it('ends with the connection that was killed between its statements, and leaves nothing behind', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const told = await eventsDuring(source, async () => {
      const transaction = source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'killed between' });
        await endSession(scene, await sessionOf(manager));
        await manager.insert(Tag, { label: 'killed between' });
      });
      await lostConnection(transaction);
    });
    expect(told.filter((line) => line.startsWith('route') || line.startsWith('retry'))).toEqual(['route default']);
    expect(await tagsLabelled(scene, 'killed between')).toBe(0);
    // the pool has one connection at the most: it must be given back, and be a new one
    for (let turn = 0; turn < 3; turn += 1) await source.getRepository(Tag).save({ label: 'after' });
  });

  it('ends with the connection that was killed under its statement', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const told = await eventsDuring(source, async () => {
      const transaction = source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'killed under' });
        await manager.query(`${slowRead(engine, 1)} /* under way */`);
      });
      const settled = lostConnection(transaction);
      await endSession(scene, await running(scene, 'under way'));
      await settled;
    });
    expect(told.filter((line) => line.startsWith('route') || line.startsWith('retry'))).toEqual(['route default']);
    expect(await tagsLabelled(scene, 'killed under')).toBe(0);
    await source.getRepository(Tag).save({ label: 'after' });
  });

  it('may be begun again on the same runner', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Tag, { label: 'first try' });
    await endSession(scene, await sessionOf(runner));
    await lostConnection(runner.manager.insert(Tag, { label: 'first try' }));
    await lostConnection(runner.manager.insert(Tag, { label: 'first try' }));
    await runner.rollbackTransaction();
    await runner.startTransaction();
    await runner.manager.insert(Tag, { label: 'second try' });
    await runner.commitTransaction();
    await runner.release();
    expect(await tagsLabelled(scene, 'first try')).toBe(0);
    expect(await tagsLabelled(scene, 'second try')).toBe(1);
  });

  it('does not move its reads to another database', async () => {
    const source = await scene.open();
    const transaction = source.transaction(async (manager) => {
      await manager.find(Tag, { take: 1 });
      await endSession(scene, await sessionOf(manager));
      return manager.find(Tag, { take: 1 });
    });
    await lostConnection(transaction);
  });

  it('does not stream from another connection', async () => {
    const source = await scene.open();
    const transaction = source.transaction(async (manager) => {
      await manager.insert(Tag, { label: 'not to be seen' });
      await endSession(scene, await sessionOf(manager));
      await manager.find(Tag, { take: 1 }).catch(() => undefined);
      return manager.createQueryBuilder(Tag, 'tag').stream();
    });
    await lostConnection(transaction);
  });

  it('is refused to commit when its connection was lost before', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const transaction = source.transaction(async (manager) => {
      await manager.insert(Tag, { label: 'lost before COMMIT' });
      await endSession(scene, await sessionOf(manager));
      await manager.find(Tag, { take: 1 }).catch(() => undefined);
    });
    await lostConnection(transaction);
    await expect(transaction).rejects.not.toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN' });
    expect(await tagsLabelled(scene, 'lost before COMMIT')).toBe(0);
  });

  it('ends with a time-out of the caller’s own, and what it wrote is gone', async () => {
    const limited =
      engine === 'postgres'
        ? { extra: { query_timeout: 150 } }
        : { enableQueryTimeout: true, maxQueryExecutionTime: 150, logger: new Recorder() };
    const source = await scene.open({ typeorm: { poolSize: 1, ...limited } });
    const transaction = source.transaction(async (manager) => {
      await manager.insert(Tag, { label: 'timed out' });
      await manager.query(slowRead(engine, 1));
    });
    await expect(transaction).rejects.toMatchObject(
      engine === 'postgres' ? { message: 'Query read timeout' } : { code: 'PROTOCOL_SEQUENCE_TIMEOUT' },
    );
    await source.getRepository(Tag).save({ label: 'after the time-out' });
    expect(await tagsLabelled(scene, 'timed out')).toBe(0);
  });

  it('that only reads begins elsewhere if its replica is gone, and ends there with its connection', async () => {
    const source = await scene.open({ router: new FailoverRouter() });
    await scene.servers.replica(1).kill();
    const { port } = scene.servers.replica(2);
    const reading = readTransaction(source, async (manager) => {
      const [tag] = await manager.find(Tag, { take: 1 });
      expect(tag!.servedBy).toBe(port);
      await scene.servers.replica(2).kill();
      return manager.find(Tag, { take: 1 });
    });
    await lostConnection(reading);
    const again = await readTransaction(source, (manager) => manager.find(Tag, { take: 1 }));
    expect(again[0]!.servedBy).toBe(scene.servers.primary.port);
  });

  it('keeps its connection for the next one, and its runner may then read elsewhere', async () => {
    const source = await scene.open({ typeorm: { poolSize: 1 } });
    const runner = source.createQueryRunner('slave');
    const ids = new Set<number>();
    for (let turn = 0; turn < 3; turn += 1) {
      await runner.startTransaction();
      ids.add((await sessionOf(runner)).id);
      await runner.commitTransaction();
      expect(scene.replicas).toContain((await runner.manager.find(Tag, { take: 1 }))[0]!.servedBy);
    }
    await runner.release();
    await source.transaction(async (manager) => ids.add((await sessionOf(manager)).id));
    expect(ids.size).toBe(1);
  });

  it('begins on a new connection after the primary was restarted', async () => {
    const source = await scene.open({ typeorm: { poolSize: 3 } });
    const three = (label: string): Promise<unknown> =>
      Promise.all([1, 2, 3].map(() => source.getRepository(Tag).save({ label })));
    await three('before the restart');
    await scene.servers.primary.kill();
    await scene.servers.primary.restart();
    await three('after the restart');
    expect(await tagsLabelled(scene, 'after the restart')).toBe(3);
  });

  it('begins on a new connection if every one in the pool turns out to be dead', async () => {
    const { proxy, databases } = await scene.behindProxy('default');
    const source: RoutedDataSource = await scene.open({ databases, typeorm: { poolSize: 4 } });
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.all([1, 2, 3, 4].map(() => source.query(slowRead(engine, 0.02))));
      proxy.reset();
      // not awaited: the driver has not heard of the reset yet
      await source.transaction((manager) => manager.insert(Tag, { label: 'dead pool' }));
    }
    expect(await tagsLabelled(scene, 'dead pool')).toBe(10);
  });
});
