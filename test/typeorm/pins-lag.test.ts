import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@sluice/core/testing';
import type { RoutedDataSource } from '@sluice/typeorm';
import { PinningReplicaRouter, runInSession, useReplica, withoutPinning } from '@sluice/typeorm';
import type { EntitySubscriberInterface } from 'typeorm';
import { EventSubscriber } from 'typeorm';
import { ENGINES } from './support/engines.js';
import type { Options } from './support/opened.js';
import { onServers } from './support/scene.js';
import { Order, Tag } from './support/shop.js';

/** DESIGN.md, section 5, on replicas that have stopped to follow: only the primary has what was just written. */
describe.each(ENGINES)('a session on %s', (engine) => {
  const scene = onServers(engine);

  /** A data source whose replicas do not follow any longer. */
  async function lagging(options: Options = {}): Promise<RoutedDataSource> {
    const source = await scene.open({ router: new PinningReplicaRouter(), ...options });
    await scene.pauseReplay();
    return source;
  }
  const insert = (source: RoutedDataSource, label: string) => source.getRepository(Tag).insert({ label });
  /** Whether a read sees the tag. */
  const sees = (source: RoutedDataSource, label: string): Promise<boolean> =>
    source.getRepository(Tag).existsBy({ label });
  const readsFrom = async (source: RoutedDataSource): Promise<number> =>
    (await source.getRepository(Tag).findOneByOrFail({ id: 1 })).servedBy;
  const onReplica = async (source: RoutedDataSource): Promise<boolean> =>
    scene.replicas.includes(await readsFrom(source));

  describe('reads what it wrote', () => {
    it.each([
      ['with insert', (source: RoutedDataSource, label: string) => insert(source, label)],
      ['with save', (source: RoutedDataSource, label: string) => source.getRepository(Tag).save({ label })],
      [
        'in a transaction',
        (source: RoutedDataSource, label: string) => source.transaction((manager) => manager.insert(Tag, { label })),
      ],
      [
        'with a builder',
        (source: RoutedDataSource, label: string) =>
          source.createQueryBuilder().insert().into(Tag).values({ label }).execute(),
      ],
      [
        'with raw SQL',
        (source: RoutedDataSource, label: string) => source.query(`INSERT INTO tag (label) VALUES ('${label}')`),
      ],
      [
        'through a runner',
        async (source: RoutedDataSource, label: string) => {
          const runner = source.createQueryRunner();
          await runner.startTransaction();
          await runner.manager.save(Tag, { label });
          await runner.commitTransaction();
          await runner.release();
        },
      ],
    ])('%s', async (how, write) => {
      const source = await lagging();
      await runInSession(async () => {
        expect(await onReplica(source)).toBe(true);
        await write(source, how);
        expect(await sees(source, how)).toBe(true);
        expect(await onReplica(source)).toBe(false);
      });
      expect(await sees(source, how)).toBe(false);
    });

    it('with everything that reads', async () => {
      const source = await lagging({ routeRawReads: true });
      await runInSession(async () => {
        const order = await source.getRepository(Order).save({ title: 'all reads', lines: [{ product: 'pen' }] });
        const found = await source
          .getRepository(Order)
          .findOne({ where: { id: order.id }, relations: { lines: true } });
        expect(found!.lines).toHaveLength(1);
        expect(await source.getRepository(Order).countBy({ title: 'all reads' })).toBe(1);
        expect(await source.query("SELECT label FROM tag WHERE label = 'no such tag'")).toEqual([]);
        const raw = engineQuoted(`SELECT "title" FROM "order" WHERE "title" = 'all reads'`);
        expect(await source.query(raw)).toHaveLength(1);
        const stream = await source.getRepository(Order).createQueryBuilder('o').where({ id: order.id }).stream();
        const rows: unknown[] = [];
        for await (const row of stream) rows.push(row);
        expect(rows).toHaveLength(1);
      });
    });

    it('while its transaction is open, outside of it too', async () => {
      const source = await lagging();
      await runInSession(async () => {
        await source.transaction(async (manager) => {
          expect(await onReplica(source)).toBe(true);
          await manager.insert(Tag, { label: 'under way' });
          expect(await onReplica(source)).toBe(false);
        });
      });
    });

    it('although a subscriber has thrown after COMMIT', async () => {
      @EventSubscriber()
      class Thrower implements EntitySubscriberInterface {
        afterTransactionCommit = (): void => {
          throw new Error('by a subscriber');
        };
      }
      const source = await lagging({ typeorm: { subscribers: [Thrower] } });
      await runInSession(async () => {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        await runner.manager.insert(Tag, { label: 'committed all the same' });
        await expect(runner.commitTransaction()).rejects.toThrow('by a subscriber');
        expect(await sees(source, 'committed all the same')).toBe(true);
        await runner.release();
        expect(await sees(source, 'committed all the same')).toBe(true);
      });
    });
  });

  const engineQuoted = (sql: string): string => (engine === 'mariadb' ? sql.replaceAll('"', '`') : sql);

  describe('goes on reading from the replicas after', () => {
    it.each([
      [
        'a transaction that was rolled back',
        async (source: RoutedDataSource) => {
          const rolledBack = source.transaction(async (manager) => {
            await manager.insert(Tag, { label: 'rolled back' });
            throw new Error('by the application');
          });
          await expect(rolledBack).rejects.toThrow('by the application');
        },
      ],
      [
        'an update of no row',
        (source: RoutedDataSource) => source.getRepository(Tag).update({ id: -1 }, { label: 'none' }),
      ],
      ['a delete of no row', (source: RoutedDataSource) => source.getRepository(Tag).delete({ id: -1 })],
      [
        'a transaction that changed no row',
        (source: RoutedDataSource) => source.transaction((manager) => manager.delete(Tag, { id: -1 })),
      ],
      [
        'a transaction that only read',
        (source: RoutedDataSource) => source.transaction((manager) => manager.find(Tag)),
      ],
      [
        'a write that was refused',
        async (source: RoutedDataSource) => {
          await expect(source.query("INSERT INTO tag (id, label) VALUES (1, 'twice')")).rejects.toThrow(/duplicate/i);
        },
      ],
      ['a write without pinning', (source: RoutedDataSource) => withoutPinning(() => insert(source, 'unpinned'))],
      [
        'a save without pinning',
        (source: RoutedDataSource) => withoutPinning(() => source.getRepository(Tag).save({ label: 'unpinned' })),
      ],
      ['a read of raw SQL on the primary', (source: RoutedDataSource) => source.query('SELECT 1')],
    ])('%s', async (_what, work) => {
      const source = await lagging();
      await runInSession(async (session) => {
        await work(source);
        expect(session.pinned()).toBe(false);
        expect(await onReplica(source)).toBe(true);
      });
    });

    it('a write of another session, which is under way or over', async () => {
      const source = await lagging();
      let wrote = (): void => undefined;
      let over = (): void => undefined;
      const written = new Promise<void>((resolve) => (wrote = resolve));
      const looked = new Promise<void>((resolve) => (over = resolve));
      const writer = runInSession(async () => {
        await insert(source, 'mine');
        wrote();
        await looked;
        expect(await sees(source, 'mine')).toBe(true);
      });
      await runInSession(async () => {
        await written;
        expect(await sees(source, 'mine')).toBe(false);
        expect(await onReplica(source)).toBe(true);
        over();
      });
      await writer;
    });
  });

  it('reads a replica where it asks for one, and is refused to write there', async () => {
    const source = await lagging();
    await runInSession(async () => {
      await insert(source, 'on the primary only');
      await useReplica(async () => {
        expect(await sees(source, 'on the primary only')).toBe(false);
        await expect(insert(source, 'refused')).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
      });
      expect(await sees(source, 'on the primary only')).toBe(true);
      expect(await sees(source, 'refused')).toBe(false);
    });
  });

  it('is told that the primary is gone, and not shown what is older than its write', async () => {
    const source = await lagging();
    await runInSession(async () => {
      await insert(source, 'before the crash');
      await scene.servers.primary.kill();
      await expect(sees(source, 'before the crash')).rejects.toMatchObject({ code: 'SLUICE_NO_DATABASE' });
      expect(await useReplica(() => sees(source, 'before the crash'))).toBe(false);
      await scene.servers.primary.restart();
      expect(await sees(source, 'before the crash')).toBe(true);
    });
  });

  it('returns to the replicas when its pin has run out', async () => {
    const clock = new ManualClock();
    const source = await lagging({ clock, router: new PinningReplicaRouter({ pinSeconds: 10 }) });
    await runInSession(async () => {
      await insert(source, 'pins for 10 s');
      await clock.advance(9_999);
      expect(await onReplica(source)).toBe(false);
      await clock.advance(1);
      expect(await onReplica(source)).toBe(true);
    });
  });

  it('is pinned for the whole window from its COMMIT, however long the transaction took', async () => {
    const clock = new ManualClock();
    const source = await lagging({ clock, router: new PinningReplicaRouter({ pinSeconds: 10 }) });
    await runInSession(async () => {
      await source.transaction(async (manager) => {
        await manager.insert(Tag, { label: 'a long transaction' });
        await clock.advance(60_000);
        expect(await onReplica(source)).toBe(false);
      });
      await clock.advance(9_999);
      expect(await onReplica(source)).toBe(false);
      await clock.advance(1);
      expect(await onReplica(source)).toBe(true);
    });
  });

  it('never reads a state older than its own writes, a hundred sessions at once', async () => {
    const source = await scene.open({ router: new PinningReplicaRouter(), typeorm: { poolSize: 5 } });
    const stale = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        runInSession(async () => {
          await insert(source, `session ${index}`);
          return !(await sees(source, `session ${index}`));
        }),
      ),
    );
    expect(stale.filter(Boolean)).toHaveLength(0);
  });
});
