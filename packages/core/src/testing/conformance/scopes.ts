import assert from 'node:assert/strict';
import type { RouteRequest } from '../../router.js';
import { Router } from '../../router.js';
import { ReplicaRouter } from '../../routers/replica.js';
import { useDatabase, usePrimary, useReplica, withHints } from '../../scopes.js';
import type { Spec } from './spec.js';
import { assertPrimary, assertRefused, assertReplica, newId, noteEverywhere } from './spec.js';

/** Scopes and routers: section 3 of the design. */
export const scopes: readonly Spec[] = [
  {
    name: 'reads from the primary inside usePrimary, and from replicas after it',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      assertPrimary(await usePrimary(() => orm.read(id)));
      assertReplica(await orm.read(id));
    },
  },
  {
    name: 'restores the outer scope when an inner one has thrown',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      await usePrimary(async () => {
        const inner = useReplica(async () => {
          assertReplica(await orm.read(id));
          throw new Error('on purpose');
        });
        await assert.rejects(inner, /on purpose/);
        assertPrimary(await orm.read(id));
      });
      assertReplica(await orm.read(id));
    },
  },
  {
    name: 'refuses a write inside useReplica',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = newId();
      await assertRefused(
        useReplica(() => orm.write(id, 'never')),
        'SLUICE_REPLICA_WRITE',
      );
      assert.equal((await usePrimary(() => orm.read(id))).text, undefined);
    },
  },
  {
    name: 'reads from exactly the database of useDatabase',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      for (const name of ['replica-2', 'replica-1', 'default', 'replica-2']) {
        assert.equal((await useDatabase(name, () => orm.read(id))).by, name);
      }
      assert.equal((await useDatabase('replica-1', () => orm.raw())).by, 'replica-1');
    },
  },
  {
    name: 'refuses a write to a replica, and an unknown database',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      await assertRefused(
        useDatabase('replica-1', () => orm.write(newId(), 'never')),
        'SLUICE_REPLICA_WRITE',
      );
      await assertRefused(
        useDatabase('nowhere', () => orm.read(newId())),
        'SLUICE_UNKNOWN_DATABASE',
      );
    },
  },
  {
    name: 'keeps a query builder in the scope in which it was made',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      const made = usePrimary(() => orm.builder(id));
      assertPrimary(await made());
      const outside = orm.builder(id);
      assertPrimary(await usePrimary(() => outside()));
      assertReplica(await orm.builder(id)());
    },
  },
  {
    name: 'keeps scopes that run at once apart',
    async run(bench) {
      const orm = await bench.open({ router: new ReplicaRouter() });
      const id = await noteEverywhere(bench, orm);
      const reads = Array.from({ length: 40 }, async (_, index) =>
        index % 2 === 0 ? assertPrimary(await usePrimary(() => orm.read(id))) : assertReplica(await orm.read(id)),
      );
      await Promise.all(reads);
    },
  },
  {
    name: 'tells routers the entity, the intent and the hints',
    async run(bench) {
      const seen: { intent: string; model: boolean; hint: unknown }[] = [];
      class Watching extends Router {
        override dbForRead({ intent, model, hints }: RouteRequest): undefined {
          seen.push({ intent, model: model !== undefined, hint: hints['report'] });
        }
      }
      const orm = await bench.open({ routers: [new Watching(), new ReplicaRouter()] });
      const id = await noteEverywhere(bench, orm);
      seen.length = 0;
      await withHints({ report: 7 }, () => orm.read(id));
      assert.deepEqual(seen[0], { intent: 'read', model: true, hint: 7 });
    },
  },
  {
    name: 'goes where the first router with an opinion says',
    async run(bench) {
      class Second extends Router {
        override dbForRead(): string {
          return 'replica-2';
        }
      }
      class Silent extends Router {
        override dbForRead(): undefined {
          return undefined;
        }
      }
      const orm = await bench.open({ routers: [new Silent(), new Second(), new ReplicaRouter()] });
      const id = await noteEverywhere(bench, orm);
      for (let turn = 0; turn < 3; turn += 1) assert.equal((await orm.read(id)).by, 'replica-2');
    },
  },
  {
    name: 'hands on the error of a router that throws',
    async run(bench) {
      class Throwing extends Router {
        override dbForRead(): never {
          throw new RangeError('the router is broken');
        }
      }
      const orm = await bench.open({ router: new Throwing() });
      await assert.rejects(orm.read(newId()), /the router is broken/);
    },
  },
];
