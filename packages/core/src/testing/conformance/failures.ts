import assert from 'node:assert/strict';
import type { Health } from '../../databases.js';
import { ReplicaRouter } from '../../routers/replica.js';
import { useDatabase } from '../../scopes.js';
import type { Orm } from './rig.js';
import type { Spec } from './spec.js';
import { assertPrimary, assertRefused, eventually, newId, noteEverywhere, REPLICAS, whileDead } from './spec.js';

const healths = ({ cluster }: Orm): Health[] => cluster.databases.all.map(({ health }) => health);

/** Servers that fail: section 6 of the design. */
export const failures: readonly Spec[] = [
  {
    name: 'answers every read while a replica is dead',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      for (let turn = 0; turn < 4; turn += 1) await orm.read(id);
      await whileDead(bench, ['replica-1'], async () => {
        for (let turn = 0; turn < 20; turn += 1) assert.equal((await orm.read(id)).by, 'replica-2');
      });
    },
  },
  {
    name: 'answers a read that was on its way when its replica died',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await noteEverywhere(bench, orm);
      const asked: string[] = [];
      orm.cluster.on('route', ({ database }) => asked.push(database));
      let started = (): void => undefined;
      const underWay = new Promise<void>((resolve) => {
        started = resolve;
      });
      const read = orm.slowRead(started);
      await underWay;
      const first = asked[0] ?? '';
      await whileDead(bench, [first], async () => {
        const { by } = await read;
        assert.notEqual(by, first);
      });
    },
  },
  {
    name: 'reads from the primary while no replica is alive, and from replicas when they are back',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await whileDead(bench, REPLICAS, async () => {
        for (let turn = 0; turn < 4; turn += 1) assertPrimary(await orm.read(id));
      });
      await eventually('both replicas are read again', async () => {
        const by = [(await orm.read(id)).by, (await orm.read(id)).by];
        return new Set(by).size === 2 && by.every((name) => REPLICAS.includes(name));
      });
    },
  },
  {
    name: 'opens while a replica is dead',
    async run(bench) {
      const first = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, first);
      await whileDead(bench, ['replica-2'], async () => {
        const orm = await bench.open({ router: new ReplicaRouter() });
        for (let turn = 0; turn < 4; turn += 1) assert.equal((await orm.read(id)).by, 'replica-1');
      });
    },
  },
  {
    name: 'reads while the primary is dead, says so of a write, and writes again when it is back',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await whileDead(bench, ['default'], async () => {
        assert.equal((await orm.read(id)).text, 'first');
        await assertRefused(orm.write(newId(), 'never'), 'SLUICE_NO_DATABASE');
      });
      await orm.write(id, 'second');
      await orm.transaction((notes) => notes.write(id, 'third'));
    },
  },
  {
    name: 'does not fail over inside useDatabase',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await whileDead(bench, ['replica-1'], async () => {
        await assertRefused(
          useDatabase('replica-1', () => orm.read(id)),
          'SLUICE_NO_DATABASE',
        );
      });
    },
  },
  {
    name: 'hands on the error of a wrong statement, sends it once, and blames no database',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await noteEverywhere(bench, orm);
      let sent = 0;
      orm.cluster.on('route', () => (sent += 1));
      await assert.rejects(orm.failingRead(), (error: { code?: unknown }) => !String(error.code).startsWith('SLUICE_'));
      assert.equal(sent, 1);
      assert.deepEqual(healths(orm), ['up', 'up', 'up']);
    },
  },
  {
    name: 'never moves a transaction to another database',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      const work = orm.transaction(async (notes) => {
        await notes.write(id, 'never');
        await bench.servers.kill('default');
        await notes.read(id);
      });
      try {
        await assert.rejects(work);
      } finally {
        await bench.servers.restart('default');
      }
      assert.equal((await useDatabase('default', () => orm.read(id))).text, 'first');
    },
  },
  {
    name: 'refuses everything when it is closed',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await orm.close();
      await assert.rejects(orm.read(newId()));
    },
  },
];
