import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter } from '@sluice/typeorm';
import type { DataSource } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { eventsDuring } from './support/events.js';
import type { Options } from './support/opened.js';
import { onServers } from './support/scene.js';
import { sessionsOf } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { slowRead, tagsLabelled } from './support/sql.js';
import { stock } from './support/stock.js';
import { until } from './support/until.js';

/** DESIGN.md, section 6: errors of the application are not retried and count against no database. */
describe.each(ENGINES)('an error of the application on %s', (engine) => {
  const scene = onServers(engine, { probe: 'tcp' });
  const postgres = engine === 'postgres';
  /** Reads, raw ones too, come from replica-1. */
  const preferring = (typeorm: Options['typeorm'] = {}): Options => ({
    router: new FailoverRouter(),
    routeRawReads: true,
    typeorm,
  });

  /** All that a caller can see of an error. */
  async function seen(work: () => Promise<unknown>): Promise<object> {
    const error = await work().then(
      () => new Error('it did not fail'),
      (reason: unknown) => reason as Error,
    );
    const { driverError } = error as { driverError?: Error };
    return {
      ...Object.fromEntries(Object.entries(error)),
      name: error.constructor.name,
      message: error.message,
      driverError: { ...Object.fromEntries(Object.entries(driverError ?? {})), message: driverError?.message },
    };
  }

  it.each([
    [
      'a duplicate key',
      (source: DataSource) => source.query("INSERT INTO tag (id, label) VALUES (1, 'twice')"),
      'route default',
    ],
    ['a syntax error in a write', (source: DataSource) => source.query('INSERT INTTO tag'), 'route default'],
    [
      'a table that is not there',
      (source: DataSource) => source.createQueryBuilder().select('1').from('nowhere', 'n').getRawMany(),
      'route replica-1',
    ],
  ])('%s reaches the caller as stock TypeORM gives it, after one attempt', async (_what, work, route) => {
    const plain = await stock(scene);
    const expected = await seen(() => work(plain));
    await plain.destroy();
    const source = await scene.open(preferring());
    let error = {};
    const told = await eventsDuring(source, async () => {
      error = await seen(() => work(source));
    });
    expect(error).toEqual(expected);
    expect(error).toMatchObject({ name: 'QueryFailedError' });
    expect(told).toEqual([route]);
  });

  it('such as a deadlock ends the transaction that lost, and nothing else', async () => {
    const source = await scene.open();
    const [one, other] = await source.getRepository(Tag).save([{ label: 'deadlock 1' }, { label: 'deadlock 2' }]);
    const told = await eventsDuring(source, async () => {
      let arrived = 0;
      const touch = (first: number, second: number) =>
        source.transaction(async (manager) => {
          await manager.update(Tag, { id: first }, { label: `by ${first}` });
          arrived += 1;
          await until('both have locked a row', () => arrived === 2);
          await manager.update(Tag, { id: second }, { label: `by ${first}` });
        });
      const outcomes = await Promise.allSettled([touch(one!.id, other!.id), touch(other!.id, one!.id)]);
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).toHaveLength(1);
      expect(lost[0]!.reason).toMatchObject(postgres ? { code: '40P01' } : { errno: 1213 });
      expect(lost[0]!.reason.constructor.name).toBe('QueryFailedError');
    });
    expect(told).toEqual(['route default', 'route default']);
    const labels = (await source.getRepository(Tag).findBy([{ id: one!.id }, { id: other!.id }])).map(
      ({ label }) => label,
    );
    expect(new Set(labels.filter((label) => label.startsWith('by'))).size).toBeLessThanOrEqual(1);
  });

  describe('that the server’s own time-out makes', () => {
    const limited = postgres ? { extra: { statement_timeout: 150 } } : {};
    const timedOut = postgres ? { code: '57014' } : { errno: 1969 };
    /** MariaDB's new connections take the limit from here. */
    async function limitedTo(seconds: number): Promise<void> {
      if (postgres) return;
      for (const server of scene.servers.servers) await server.query(`SET GLOBAL max_statement_time = ${seconds}`);
    }

    it('reaches the caller after one attempt, and the connection is used again', async () => {
      await limitedTo(0.15);
      const source = await scene.open(preferring({ ...limited, poolSize: 1 }));
      await source.getRepository(Tag).find({ take: 1 });
      const before = await sessionsOf(scene, scene.servers.replica(1));
      const told = await eventsDuring(source, async () => {
        await expect(source.query(slowRead(engine, 3))).rejects.toMatchObject(timedOut);
      });
      await source.getRepository(Tag).find({ take: 1 });
      await limitedTo(0);
      expect(told).toEqual(['route replica-1']);
      expect((await sessionsOf(scene, scene.servers.replica(1))).map(({ id }) => id)).toEqual(
        before.map(({ id }) => id),
      );
    });

    it('leaves the transaction around its savepoint usable', async () => {
      await limitedTo(0.15);
      const source: RoutedDataSource = await scene.open(preferring(limited));
      await source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'before the savepoint' });
        const nested = manager.transaction((inner) => inner.query(slowRead(engine, 3)));
        await expect(nested).rejects.toMatchObject(timedOut);
        await manager.insert(Tag, { label: 'after the savepoint' });
      });
      await limitedTo(0);
      expect(await tagsLabelled(scene, 'before the savepoint')).toBe(1);
      expect(await tagsLabelled(scene, 'after the savepoint')).toBe(1);
    });
  });
});
