import { describe, expect, it } from '@jest/globals';
import type { FaultProxy } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { PinningReplicaRouter, runInSession, withoutPinning } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { eventsDuring } from './support/events.js';
import { Recorder } from './support/recorder.js';
import { onServers } from './support/scene.js';
import { sessionsOf } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: a write that failed on its way is never sent twice. */
describe.each(ENGINES)('a write lost on its way on %s', (engine) => {
  const scene = onServers(engine);
  const postgres = engine === 'postgres';
  const UNKNOWN = { code: 'SLUICE_OUTCOME_UNKNOWN' };

  /** A data source whose primary is behind a proxy, with a connection there already. */
  async function open(typeorm: object = {}): Promise<{ proxy: FaultProxy; source: RoutedDataSource; log: Recorder }> {
    const { proxy, databases } = await scene.behindProxy('default');
    const log = new Recorder();
    const source = await scene.open({
      databases,
      router: new PinningReplicaRouter(),
      typeorm: { poolSize: 1, logger: log, logging: true, ...typeorm },
    });
    await withoutPinning(() => source.query("UPDATE tag SET label = 'seed' WHERE id = 1"));
    return { proxy, source, log };
  }
  const errorOf = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => new Error('it did not fail'),
      (reason: Error) => reason,
    );
  const insert = (source: RoutedDataSource, label: string) => source.getRepository(Tag).insert({ label });
  /** Whether reads of the session go to the primary. */
  const isPinned = async (source: RoutedDataSource): Promise<boolean> =>
    (await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy === scene.servers.primary.port;
  const applied = (label: string) =>
    until('the server has applied it', async () => (await tagsLabelled(scene, label)) > 0);
  /** Resets the connection once such a statement has been handed to the driver. */
  const resetAfter = async (proxy: FaultProxy, log: Recorder, statement: string): Promise<void> => {
    await until(`${statement} is on its way`, () => log.queries.some((sql) => sql.startsWith(statement)));
    proxy.reset();
  };
  const poolIsFine = (source: RoutedDataSource) => withoutPinning(() => insert(source, 'the pool is fine'));
  /** The server has read what it was sent, and has ended what it was at. */
  const settled = () =>
    until('no statement is under way', async () => {
      const sessions = await sessionsOf(scene, scene.servers.primary);
      return sessions.every(({ busy }) => !busy);
    });

  it('there may or may not be in the database: it was not, and is not sent again', async () => {
    const { proxy, source, log } = await open();
    await runInSession(async () => {
      expect(await isPinned(source)).toBe(false);
      proxy.blackHole('up');
      const told = await eventsDuring(source, async () => {
        const writing = insert(source, 'never arrived');
        await resetAfter(proxy, log, 'INSERT');
        await expect(writing).rejects.toMatchObject(UNKNOWN);
      });
      expect(told.filter((line) => line.startsWith('route') || line.startsWith('retry'))).toEqual(['route default']);
      await proxy.restore();
      expect(await isPinned(source)).toBe(true);
    });
    await settled();
    expect(await tagsLabelled(scene, 'never arrived')).toBe(0);
  });

  it('may have been applied: it was, and once', async () => {
    const { proxy, source } = await open();
    await runInSession(async () => {
      proxy.blackHole('down');
      const writing = errorOf(insert(source, 'answer lost'));
      await applied('answer lost');
      proxy.reset();
      expect(await writing).toMatchObject({ ...UNKNOWN, message: expect.stringContaining('default') });
      await proxy.restore();
      expect(await isPinned(source)).toBe(true);
    });
    await poolIsFine(source);
    await settled();
    expect(await tagsLabelled(scene, 'answer lost')).toBe(1);
  });

  it('with COMMIT is not known to be applied: it was', async () => {
    const { proxy, source } = await open();
    await runInSession(async (session) => {
      const transaction = source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'COMMIT answer lost' });
        proxy.blackHole('down');
      });
      const committing = errorOf(transaction);
      await applied('COMMIT answer lost');
      proxy.reset();
      expect(await committing).toMatchObject(UNKNOWN);
      await proxy.restore();
      expect(session.pinned()).toBe(true);
      expect(await isPinned(source)).toBe(true);
    });
    await poolIsFine(source);
    expect(await tagsLabelled(scene, 'COMMIT answer lost')).toBe(1);
  });

  it('with COMMIT is not known to be applied: it was not', async () => {
    const { proxy, source, log } = await open();
    await runInSession(async (session) => {
      const committing = source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'COMMIT never arrived' });
        proxy.blackHole('up');
      });
      await resetAfter(proxy, log, 'COMMIT');
      await expect(committing).rejects.toMatchObject(UNKNOWN);
      await proxy.restore();
      expect(session.pinned()).toBe(true);
    });
    await settled();
    expect(await tagsLabelled(scene, 'COMMIT never arrived')).toBe(0);
  });

  it('is none if the transaction had written nothing', async () => {
    const { proxy, source, log } = await open();
    const committing = source.transaction(async (manager) => {
      await manager.find(Tag, { take: 1 });
      proxy.blackHole('down');
    });
    await resetAfter(proxy, log, 'COMMIT');
    const error = await errorOf(committing);
    expect(error.constructor.name).toBe('QueryFailedError');
    expect(error).not.toMatchObject(UNKNOWN);
  });

  it('is looked up again if only the look-up before a save was lost', async () => {
    const { proxy, source, log } = await open();
    const [tag] = await source.getRepository(Tag).find({ take: 1 });
    log.clear();
    proxy.blackHole();
    const saving = withoutPinning(() => source.getRepository(Tag).save({ id: tag!.id, label: 'looked up twice' }));
    await resetAfter(proxy, log, 'SELECT');
    await proxy.restore();
    await saving;
    expect(await tagsLabelled(scene, 'looked up twice')).toBe(1);
  });

  it('leaves a session that does not pin as it is', async () => {
    const { proxy, source, log } = await open();
    await runInSession(async (session) => {
      proxy.blackHole('up');
      const writing = withoutPinning(() => insert(source, 'unpinned'));
      await resetAfter(proxy, log, 'INSERT');
      await expect(writing).rejects.toMatchObject(UNKNOWN);
      expect(session.pinned()).toBe(false);
    });
  });

  describe('to the caller’s own time-out', () => {
    const limited = postgres
      ? { extra: { query_timeout: 150 } }
      : { enableQueryTimeout: true, maxQueryExecutionTime: 150, logger: new Recorder() };
    const timedOut = postgres ? { message: 'Query read timeout' } : { code: 'PROTOCOL_SEQUENCE_TIMEOUT' };

    it('gives the caller the time-out, is sent once and pins', async () => {
      const { proxy, source } = await open(limited);
      await runInSession(async (session) => {
        proxy.blackHole('down');
        await expect(insert(source, 'timed out')).rejects.toMatchObject(timedOut);
        expect(session.pinned()).toBe(true);
        await applied('timed out');
        await proxy.restore();
        await poolIsFine(source);
      });
      expect(await tagsLabelled(scene, 'timed out')).toBe(1);
    });

    it('with COMMIT is not known to be applied', async () => {
      const { proxy, source } = await open(limited);
      await runInSession(async (session) => {
        const committing = source.transaction(async (manager) => {
          await manager.insert(Tag, { label: 'COMMIT timed out' });
          proxy.blackHole('down');
        });
        await expect(committing).rejects.toMatchObject({ ...UNKNOWN, cause: timedOut });
        expect(session.pinned()).toBe(true);
        await proxy.restore();
        await poolIsFine(source);
      });
      expect(await tagsLabelled(scene, 'COMMIT timed out')).toBe(1);
    });
  });
});
