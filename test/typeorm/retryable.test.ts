import type { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { failureOf } from '@sluice/core';
import { PinningReplicaRouter, readTransaction, runInSession } from '@sluice/typeorm';
import type { EntityManager } from 'typeorm';
import { ENGINES } from './support/engines.js';
import { onServers } from './support/scene.js';
import { endSession } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

describe.each(ENGINES)('a retryable transaction on %s', (engine) => {
  const scene = onServers(engine);
  const postgres = engine === 'postgres';
  const insert = (manager: EntityManager, label: string) => manager.insert(Tag, { label });

  /** Ends the connection of a transaction at its server, and waits until its driver knows. */
  async function killed(manager: EntityManager): Promise<void> {
    const sql = postgres ? 'SELECT pg_backend_pid() AS id' : 'SELECT CONNECTION_ID() AS id';
    const [row] = await manager.query<{ id: number }[]>(sql);
    const connection = (await manager.queryRunner?.connect()) as EventEmitter;
    const heard = new Promise((resolve) => {
      connection.once('error', resolve).once('end', resolve);
    });
    await endSession(scene, { server: scene.servers.primary, id: Number(row?.id), sql: '', busy: false });
    await heard;
  }

  /** Runs once for each of the faults, which happen in turn, and once more without. */
  async function runsOf(label: string, faults: readonly ((manager: EntityManager) => Promise<unknown>)[]) {
    const source = await scene.open();
    let runs = 0;
    const answer = await source.cluster.retryable(() =>
      source.transaction(async (manager) => {
        const fault = faults[runs];
        runs += 1;
        await insert(manager, label);
        await fault?.(manager);
        return `run ${runs}`;
      }),
    );
    expect(answer).toBe(`run ${runs}`);
    expect(await tagsLabelled(scene, label)).toBe(1);
    expect(source.cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
    return runs;
  }

  it('whose connection is killed before its next statement is run again, and is there once', async () => {
    const fault = async (manager: EntityManager): Promise<void> => {
      await killed(manager);
      await insert(manager, 'statement');
    };
    expect(await runsOf('statement', [fault])).toBe(2);
  });

  it('whose connection is killed before COMMIT is run again, and is there once', async () => {
    expect(await runsOf('commit', [killed, killed])).toBe(3);
  });

  it('that cannot begin is run again when its primary is back', async () => {
    const { proxy, databases } = await scene.behindProxy('default');
    const source = await scene.open({ databases });
    await proxy.refuse();
    proxy.reset();
    let runs = 0;
    await source.cluster.retryable(async () => {
      runs += 1;
      if (runs === 2) await proxy.restore();
      await source.transaction((manager) => insert(manager, 'back'));
    });
    expect(runs).toBe(2);
    expect(await tagsLabelled(scene, 'back')).toBe(1);
  });

  it('that lost a deadlock is run again, and both are there once', async () => {
    const source = await scene.open();
    const rows = await source.getRepository(Tag).save([{ label: 'left' }, { label: 'right' }]);
    const ids = rows.map(({ id }) => id);
    let runs = 0;
    let holding = 0;
    let both: (() => void) | undefined;
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    const crossing = (order: readonly number[]) => {
      return source.cluster.retryable(() =>
        source.transaction(async (manager) => {
          runs += 1;
          await manager.query(`UPDATE tag SET label = label WHERE id = ${order[0]}`);
          holding += 1;
          if (holding === 2) both?.();
          await met;
          await manager.query(`UPDATE tag SET label = label WHERE id = ${order[1]}`);
          await insert(manager, 'crossed');
        }),
      );
    };
    await Promise.all([crossing(ids), crossing(ids.toReversed())]);
    expect(runs).toBe(3);
    expect(await tagsLabelled(scene, 'crossed')).toBe(2);
  });

  it('whose COMMIT was applied and its answer lost is not run again', async () => {
    const { proxy, databases } = await scene.behindProxy('default');
    const source = await scene.open({ databases, router: new PinningReplicaRouter() });
    await runInSession(async (session) => {
      let runs = 0;
      const ending = source.cluster
        .retryable(() =>
          source.transaction(async (manager) => {
            runs += 1;
            await insert(manager, 'answer lost');
            proxy.blackHole('down');
          }),
        )
        .catch((error: Error) => error);
      await until('it is applied', async () => (await tagsLabelled(scene, 'answer lost')) > 0);
      proxy.reset();
      expect(await ending).toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN' });
      await proxy.restore();
      expect(runs).toBe(1);
      expect(session.pinned()).toBe(true);
    });
    expect(await tagsLabelled(scene, 'answer lost')).toBe(1);
  });

  it('is not run again after a constraint, nor after an error of the application', async () => {
    const source = await scene.open();
    let runs = 0;
    const refused = source.cluster.retryable(() =>
      source.transaction(async (manager) => {
        runs += 1;
        await manager.query("INSERT INTO tag (id, label) VALUES (1, 'twice')");
      }),
    );
    await expect(refused).rejects.toThrow(/duplicate/i);
    const failing = source.cluster.retryable(() =>
      source.transaction(async () => {
        runs += 1;
        throw new Error('out of stock');
      }),
    );
    await expect(failing).rejects.toThrow('out of stock');
    expect(runs).toBe(2);
  });

  it('is not run again once a write beside it has been committed', async () => {
    const source = await scene.open();
    const work = source.cluster.retryable(() =>
      source.transaction(async (manager) => {
        await source.getRepository(Tag).insert({ label: 'beside' });
        await killed(manager);
        await insert(manager, 'inside');
      }),
    );
    const failed = await work.catch((error: unknown) => failureOf(engine === 'postgres' ? 'postgres' : 'mysql', error));
    expect(failed).toBe('lost');
    expect(await tagsLabelled(scene, 'beside')).toBe(1);
    expect(await tagsLabelled(scene, 'inside')).toBe(0);
  });

  it('that only reads is run again when its connection was lost', async () => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    const source = await scene.open({
      databases: { default: databases['default']!, 'replica-1': databases['replica-1']! },
    });
    let runs = 0;
    const found = await source.cluster.retryable(() =>
      readTransaction(source, async (manager) => {
        runs += 1;
        const before = await manager.count(Tag);
        if (runs === 1) proxy.reset();
        return (await manager.count(Tag)) - before;
      }),
    );
    expect([runs, found]).toEqual([2, 0]);
  });

  if (postgres) {
    it('that could not be serialized is run again', async () => {
      const source = await scene.open();
      let runs = 0;
      await source.cluster.retryable(() =>
        source.transaction('SERIALIZABLE', async (manager) => {
          runs += 1;
          await manager.count(Tag);
          if (runs === 1) {
            await scene.servers.primary.query("UPDATE tag SET label = 'seed' WHERE id = 1");
          }
          await manager.update(Tag, { id: 1 }, { label: 'seed' });
        }),
      );
      expect(runs).toBe(2);
    });
  } else {
    it('that waited too long for a lock is run again', async () => {
      const source = await scene.open();
      const holder = source.createQueryRunner();
      await holder.startTransaction();
      await holder.query("UPDATE tag SET label = 'seed' WHERE id = 1");
      let runs = 0;
      await source.cluster.retryable(async () => {
        runs += 1;
        if (runs === 2) await holder.rollbackTransaction();
        await source.transaction(async (manager) => {
          await insert(manager, 'waited');
          await manager.query('SET innodb_lock_wait_timeout = 1');
          await manager.query("UPDATE tag SET label = 'seed' WHERE id = 1");
        });
      });
      await holder.release();
      expect(runs).toBe(2);
      expect(await tagsLabelled(scene, 'waited')).toBe(1);
    });

    it('whose record has changed since its snapshot is run again', async () => {
      const source = await scene.open();
      let runs = 0;
      await source.cluster.retryable(() =>
        source.transaction(async (manager) => {
          runs += 1;
          await manager.query('SET innodb_snapshot_isolation = ON');
          await manager.count(Tag);
          if (runs === 1) await scene.servers.primary.query("UPDATE tag SET label = 'changed' WHERE id = 1");
          await insert(manager, 'snapshot');
          await manager.query("UPDATE tag SET label = 'seed' WHERE id = 1");
        }),
      );
      expect(runs).toBe(2);
      expect(await tagsLabelled(scene, 'snapshot')).toBe(1);
    });
  }
});
