import assert from 'node:assert/strict';
import { PinningReplicaRouter } from '../../routers/pinning.js';
import { runInSession, useReplica, withoutPinning } from '../../scopes.js';
import type { Spec } from './spec.js';
import { assertPrimary, assertReplica, newId, noteEverywhere, REPLICAS, whilePaused } from './spec.js';

/** Read your own writes, while no replica replays anything: section 5 of the design. */
export const sessions: readonly Spec[] = [
  {
    name: 'reads what its session has just written',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      await whilePaused(bench, REPLICAS, async () => {
        await runInSession(async () => {
          const id = newId();
          await orm.write(id, 'mine');
          const answer = await orm.read(id);
          assert.equal(answer.text, 'mine');
          assertPrimary(answer);
        });
      });
    },
  },
  {
    name: 'reads what its session has committed in a transaction',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      await whilePaused(bench, REPLICAS, async () => {
        await runInSession(async () => {
          const id = newId();
          await orm.transaction((notes) => notes.write(id, 'mine'));
          assert.equal((await orm.read(id)).text, 'mine');
        });
      });
    },
  },
  {
    name: 'pins no session but the one that wrote',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await Promise.all([
        runInSession(() => orm.write(newId(), 'mine')),
        runInSession(async () => assertReplica(await orm.read(id))),
      ]);
      await runInSession(async () => assertReplica(await orm.read(id)));
    },
  },
  {
    name: 'leaves no pin behind a transaction that was rolled back',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await runInSession(async () => {
        const work = orm.transaction(async (notes) => {
          await notes.write(newId(), 'never');
          throw new Error('on purpose');
        });
        await assert.rejects(work, /on purpose/);
        assertReplica(await orm.read(id));
      });
    },
  },
  {
    name: 'leaves no pin behind a write that changed no rows',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await runInSession(async () => {
        await orm.writeNothing();
        assertReplica(await orm.read(id));
      });
    },
  },
  {
    name: 'leaves no pin behind a write inside withoutPinning',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await runInSession(async () => {
        await withoutPinning(() => orm.write(newId(), 'log'));
        assertReplica(await orm.read(id));
      });
    },
  },
  {
    name: 'reads from a replica inside useReplica, although its session is pinned',
    async run(bench) {
      const orm = await bench.open({ router: new PinningReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await runInSession(async () => {
        await orm.write(newId(), 'mine');
        assertReplica(await useReplica(() => orm.read(id)));
        assertPrimary(await orm.read(id));
      });
    },
  },
];
