import assert from 'node:assert/strict';
import { ReplicaRouter } from '../../routers/replica.js';
import type { Spec } from './spec.js';
import { assertPrimary, assertRefused, assertReplica, newId, noteEverywhere } from './spec.js';

/** Where a statement goes: section 4 of the design, row by row. */
export const statements: readonly Spec[] = [
  {
    name: 'reads from the replicas in turn',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      const by = [];
      for (let turn = 0; turn < 6; turn += 1) by.push((await orm.read(id)).by);
      assert.equal(new Set(by).size, 2, by.join());
      assert.deepEqual([by[2], by[3], by[4], by[5]], [by[0], by[1], by[0], by[1]]);
      for (const name of by) assertReplica({ by: name });
    },
  },
  {
    name: 'writes on the primary',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const told: string[] = [];
      orm.cluster.on('route', ({ intent, database }) => {
        if (intent === 'write') told.push(database);
      });
      await orm.write(newId(), 'a');
      assert.ok(told.length > 0, 'no write was told of');
      assert.deepEqual([...new Set(told)], ['default']);
    },
  },
  {
    name: 'keeps a whole transaction on the primary, its reads, locks and raw SQL too',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = newId();
      await orm.transaction(async (notes) => {
        await notes.write(id, 'inside');
        const answer = await notes.read(id);
        assertPrimary(answer);
        assert.equal(answer.text, 'inside');
        assertPrimary(await notes.lockingRead(id));
        assertPrimary(await notes.raw());
      });
    },
  },
  {
    name: 'undoes a transaction whose work throws',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = newId();
      const work = orm.transaction(async (notes) => {
        await notes.write(id, 'never');
        throw new Error('on purpose');
      });
      await assert.rejects(work, /on purpose/);
      await bench.servers.caughtUp();
      assert.equal((await orm.read(id)).text, undefined);
    },
  },
  {
    name: 'sends a locking read to the primary',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      assertPrimary(await orm.lockingRead(await noteEverywhere(bench, orm)));
    },
  },
  {
    name: 'sends raw SQL to the primary',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      for (let turn = 0; turn < 3; turn += 1) assertPrimary(await orm.raw());
    },
  },
  {
    name: 'routes raw reads if it is told to',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter(), routeRawReads: true });
      assertReplica(await orm.raw());
    },
  },
  {
    name: 'loads a parent and its children from one database',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      for (let turn = 0; turn < 4; turn += 1) {
        const by = await orm.readWithChildren(id);
        assert.ok(by.length > 1, 'the rig loads no children');
        assert.equal(new Set(by).size, 1, by.join());
        assertReplica({ by: by[0] ?? '' });
      }
    },
  },
  {
    name: 'reads a page and its count from one database',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await noteEverywhere(bench, orm);
      for (let turn = 0; turn < 4; turn += 1) {
        const by = await orm.page();
        assert.ok(by.length > 1, 'the rig reads no count');
        assert.equal(new Set(by).size, 1, by.join());
      }
    },
  },
  {
    name: 'streams from a replica',
    needs: 'stream',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await noteEverywhere(bench, orm);
      assertReplica(await orm.stream());
    },
  },
  {
    name: 'runs a transaction that is declared read only on one replica',
    needs: 'readTransaction',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      const by = await orm.readTransaction(async (notes) => [(await notes.read(id)).by, (await notes.read(id)).by]);
      assertReplica({ by: by[0] ?? '' });
      assert.equal(by[1], by[0]);
    },
  },
  {
    name: 'refuses a write in a transaction that is declared read only',
    needs: 'readTransaction',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = newId();
      await assertRefused(
        orm.readTransaction((notes) => notes.write(id, 'never')),
        'SLUICE_REPLICA_WRITE',
      );
    },
  },
];
