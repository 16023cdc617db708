import { describe, expect, it } from '@jest/globals';
import type { ObjectRef } from '../../src/router.js';
import { Router } from '../../src/router.js';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { PinningReplicaRouter, PinningRouter } from '../../src/routers/pinning.js';
import { PrimaryReplicaRouter } from '../../src/routers/primary-replica.js';
import { runInSession } from '../../src/scopes.js';
import { pictureOf, READ, tally, WRITE } from '../support/pictures.js';
import { read, reads, rig, write } from '../support/rig.js';

const THREE = { default: {}, 'replica-1': {}, 'replica-2': {} };

describe('PinningReplicaRouter', () => {
  it('reads from the replicas in turn and writes to default, like ReplicaRouter', () => {
    const router = new PinningReplicaRouter();
    expect(tally(100, () => router.dbForRead(READ, pictureOf(THREE)))).toEqual({ 'replica-1': 50, 'replica-2': 50 });
    expect(tally(10, () => router.dbForWrite(WRITE, pictureOf(THREE)))).toEqual({ default: 10 });
  });

  it('keeps reads on the primary while the session is pinned, and on replicas before and after', async () => {
    const { cluster, clock } = rig({ router: new PinningReplicaRouter({ pinSeconds: 2 }) });
    await runInSession(async () => {
      expect(await read(cluster)).toMatch(/^replica/);
      await write(cluster);
      expect(await reads(cluster, 4)).toEqual(['default', 'default', 'default', 'default']);
      await clock.advance(2_000);
      expect(await read(cluster)).toMatch(/^replica/);
    });
  });

  it('pins for 15 seconds unless told otherwise', () => {
    expect(new PinningReplicaRouter().pinSeconds).toBe(15);
    expect(new PinningReplicaRouter({ pinSeconds: 0.5 }).pinSeconds).toBe(0.5);
  });

  it('chooses with the strategy it was given', () => {
    const router = new PinningReplicaRouter({ select: (databases) => databases[1] ?? databases[0] });
    expect(tally(10, () => router.dbForRead(READ, pictureOf(THREE)))).toEqual({ 'replica-2': 10 });
  });
});

describe('PinningRouter', () => {
  it('pins under any router', async () => {
    const first = (): PrimaryReplicaRouter => new PrimaryReplicaRouter({ select: (databases) => databases.at(-1)! });
    const { cluster } = rig({ router: new PinningRouter(first()) });
    await runInSession(async () => {
      expect(await read(cluster)).toBe('replica-2');
      await write(cluster);
      expect(await read(cluster)).toBe('default');
    });
  });

  it('answers what the router inside answers', () => {
    const default_ = pictureOf(THREE).default;
    const object: ObjectRef = { model: 'Order', instance: {}, cluster: undefined, database: undefined };
    class Inner extends Router {
      override dbForRead = (): string => 'read';
      override dbForWrite = (): string => 'write';
      override allowRelation = (): boolean => false;
      override allowMigrate = (): boolean => true;
    }
    const router = new PinningRouter(new Inner());
    expect(router.dbForRead(READ, pictureOf(THREE))).toBe('read');
    expect(router.dbForWrite(WRITE, pictureOf(THREE))).toBe('write');
    expect(router.allowRelation(object, object, pictureOf(THREE))).toBe(false);
    expect(router.allowMigrate(default_, { operation: 'migrations', model: undefined })).toBe(true);
  });

  it('has no opinion where the router inside has no hook', () => {
    const router = new PinningRouter(new (class Silent extends Router {})());
    const object: ObjectRef = { model: 'Order', instance: {}, cluster: undefined, database: undefined };
    expect(router.dbForRead(READ, pictureOf(THREE))).toBeUndefined();
    expect(router.dbForWrite(WRITE, pictureOf(THREE))).toBeUndefined();
    expect(router.allowRelation(object, object, pictureOf(THREE))).toBeUndefined();
    expect(router.allowMigrate(pictureOf(THREE).default, { operation: 'drop', model: undefined })).toBeUndefined();
  });

  it('asks about relations only if the router inside does, or a class made from it', () => {
    class Silent extends Router {}
    class Asking extends Router {
      override allowRelation = (): boolean => true;
    }
    class Own extends PinningRouter {
      override allowRelation = (): boolean => true;
    }
    expect(new PinningRouter(new Silent()).asksRelations()).toBe(false);
    expect(new PinningRouter(new PinningRouter(new Silent())).asksRelations()).toBe(false);
    expect(new PinningRouter(new PinningRouter(new Asking())).asksRelations()).toBe(true);
    expect(new Own(new Silent()).asksRelations()).toBe(true);
  });

  it('keeps a session on the primary it wrote to if the router inside does, also after the pin', async () => {
    const { cluster, clock } = rig({
      databases: { 'primary-a': {}, 'primary-b': {}, replica: {} },
      router: new PinningRouter(new MultiPrimaryRouter(), { pinSeconds: 1 }),
    });
    await runInSession(async () => {
      const own = await write(cluster);
      await clock.advance(60_000);
      expect(new Set(await reads(cluster, 20))).toEqual(new Set([own]));
    });
  });

  it('keeps pinned reads on the primary that was written to, also under a router that spreads its writes', async () => {
    class Spread extends Router {
      #turn = 0;
      override dbForWrite(...[, databases]: Parameters<NonNullable<Router['dbForWrite']>>): string | undefined {
        this.#turn += 1;
        return databases.writable[this.#turn % databases.writable.length]?.name;
      }
    }
    const { cluster } = rig({
      databases: { 'primary-a': {}, 'primary-b': {}, replica: {} },
      router: new PinningRouter(new Spread()),
    });
    await runInSession(async () => {
      const written = new Set<string>();
      for (let index = 0; index < 6; index += 1) {
        const own = await write(cluster);
        written.add(own);
        expect(await reads(cluster, 2)).toEqual([own, own]);
      }
      expect(written).toEqual(new Set(['primary-a', 'primary-b']));
    });
  });

  it('hands a strategy of the configuration on to the router inside', async () => {
    const { cluster } = rig({
      router: new PinningRouter(new PrimaryReplicaRouter()),
      select: (databases) => databases.at(-1)!,
    });
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-2']));
  });
});
