import { describe, expect, it } from '@jest/globals';
import { Chain } from '../../src/chain.js';
import type { ObjectRef } from '../../src/router.js';
import { Router } from '../../src/router.js';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { pictureOf, READ, requestOf, WRITE } from '../support/pictures.js';
import { refusal, thrownBy } from '../support/thrown.js';

const THREE = { default: {}, 'replica-1': {}, 'replica-2': {} };
const up = pictureOf(THREE);
type Hooks = Pick<Router, 'dbForRead' | 'dbForWrite' | 'allowRelation' | 'allowMigrate'>;
const chain = (...routers: Hooks[]): Chain => new Chain(routers as Router[]);
const reading = (answer: unknown): Hooks => ({ dbForRead: () => answer as string });
const writing = (answer: unknown): Hooks => ({ dbForWrite: () => answer as string });
const object: ObjectRef = { model: 'Order', instance: {}, cluster: undefined, database: undefined };
const migration = { operation: 'migrations', model: undefined } as const;

describe('a chain of routers', () => {
  it('takes the first opinion', () => {
    expect(chain(reading('replica-2'), reading('replica-1')).forRead(READ, up, [])?.database.name).toBe('replica-2');
    expect(chain(writing('default'), writing('nowhere')).forWrite(WRITE, up, [])?.database.name).toBe('default');
  });

  it.each([undefined, null])('takes %s for no opinion and asks the next', (none) => {
    expect(chain(reading(none), reading('replica-1')).forRead(READ, up, [])?.database.name).toBe('replica-1');
    expect(chain(writing(none), writing('default')).forWrite(WRITE, up, [])?.database.name).toBe('default');
  });

  it('skips a router that lacks the hook', () => {
    expect(chain(writing('default'), reading('replica-1')).forRead(READ, up, [])?.database.name).toBe('replica-1');
    expect(chain(reading('replica-1'), writing('default')).forWrite(WRITE, up, [])?.database.name).toBe('default');
  });

  it('has no opinion where no router has one', () => {
    expect(chain(reading(undefined), {}).forRead(READ, up, [])).toBeUndefined();
    expect(chain().forWrite(WRITE, up, [])).toBeUndefined();
  });

  it('lets each router decide what it knows, in its order', () => {
    const audit: Hooks = { dbForRead: ({ model }) => (model === 'Audit' ? 'replica-2' : undefined) };
    const rest = reading('replica-1');
    const served = (routers: Chain, model: string): string | undefined =>
      routers.forRead(requestOf({ intent: 'read', model }), up, [])?.database.name;
    expect([served(chain(audit, rest), 'Audit'), served(chain(audit, rest), 'User')]).toEqual([
      'replica-2',
      'replica-1',
    ]);
    expect([served(chain(rest, audit), 'Audit'), served(chain(rest, audit), 'User')]).toEqual([
      'replica-1',
      'replica-1',
    ]);
  });

  it('names the class of the router whose opinion it took', () => {
    class Reports extends Router {
      override dbForRead = (): string => 'replica-1';
    }
    expect(new Chain([new Reports()]).forRead(READ, up, [])?.router).toBe('Reports');
    expect(new Chain([new ReplicaRouter()]).forWrite(WRITE, up, [])?.router).toBe('ReplicaRouter');
  });

  it('lets an error thrown inside a router reach the caller', async () => {
    const bug = new TypeError('a bug in a router');
    const thrower = (): never => {
      throw bug;
    };
    const broken = chain(
      { dbForRead: thrower, dbForWrite: thrower, allowRelation: thrower, allowMigrate: thrower },
      reading('replica-1'),
    );
    expect(await thrownBy(() => broken.forRead(READ, up, []))).toBe(bug);
    expect(await thrownBy(() => broken.forWrite(WRITE, up, []))).toBe(bug);
    expect(await thrownBy(() => broken.allowsRelation(object, object, up))).toBe(bug);
    expect(await thrownBy(() => broken.allowsMigrate(up.default, migration))).toBe(bug);
  });

  it('refuses a name that no database has, and lists those there are', async () => {
    for (const ask of [
      () => chain(reading('replcia-1'), reading('replica-1')).forRead(READ, up, []),
      () => chain(writing('replcia-1')).forWrite(WRITE, up, []),
    ]) {
      expect(await refusal('SLUICE_UNKNOWN_DATABASE', ask)).toBe(
        'no database is named "replcia-1"; this cluster has default, replica-1, replica-2',
      );
    }
  });

  it.each<[unknown, string]>([
    [42, '42'],
    [true, 'true'],
    [{}, 'an object of class Object'],
    [['replica-1'], 'an array'],
    [Promise.resolve('replica-1'), 'an object of class Promise'],
    [() => 'replica-1', 'a function'],
  ])('refuses the answer %p', async (answer, shown) => {
    expect(await refusal('SLUICE_CONFIG', () => chain(reading(answer)).forRead(READ, up, []))).toBe(
      `dbForRead of Object answered ${shown}; answer a database, the name of one, or undefined for no opinion`,
    );
    expect(await refusal('SLUICE_CONFIG', () => chain(writing(answer)).forWrite(WRITE, up, []))).toMatch(
      /^dbForWrite of /,
    );
  });

  it.each(['replica-1', up.get('replica-1')])('refuses a replica as the target of a write', async (answer) => {
    expect(await refusal('SLUICE_REPLICA_WRITE', () => chain(writing(answer)).forWrite(WRITE, up, []))).toBe(
      'dbForWrite of Object answered replica-1, which is a replica; answer one of default',
    );
  });

  it('refuses a replica as the target of a write also when it is down', async () => {
    const databases = pictureOf({ ...THREE, 'replica-1': { health: 'down' } });
    const both = chain(writing('replica-1'), writing('default'));
    expect(await refusal('SLUICE_REPLICA_WRITE', () => both.forWrite(WRITE, databases, []))).toContain('replica-1');
  });

  it('passes over an answer that is down and asks the next router', () => {
    const reads = pictureOf({ ...THREE, 'replica-1': { health: 'down' } });
    expect(chain(reading('replica-1'), reading('replica-2')).forRead(READ, reads, [])?.database.name).toBe('replica-2');
    const writes = pictureOf({ default: { health: 'down' }, 'primary-b': {} });
    expect(chain(writing('default'), writing('primary-b')).forWrite(WRITE, writes, [])?.database.name).toBe(
      'primary-b',
    );
  });

  it('passes over an answer that this statement has tried and asks the next router', () => {
    const tried = ['replica-1'];
    const { database } =
      chain(reading('replica-1'), reading('replica-2')).forRead(READ, up.without(tried), tried) ?? {};
    expect(database?.name).toBe('replica-2');
    const both = pictureOf({ default: {}, 'primary-b': {} });
    expect(
      chain(writing('default'), writing('primary-b')).forWrite(WRITE, both.without(['default']), ['default'])?.database
        .name,
    ).toBe('primary-b');
  });

  it('has no opinion left when all answers are passed over', () => {
    const databases = pictureOf({ ...THREE, 'replica-1': { health: 'down' } });
    expect(chain(reading('replica-1')).forRead(READ, databases, [])).toBeUndefined();
    expect(chain(reading('replica-2')).forRead(READ, up.without(['replica-2']), ['replica-2'])).toBeUndefined();
  });

  it('takes an answer that is down when all databases are', () => {
    const databases = pictureOf({
      default: { health: 'down' },
      'replica-1': { health: 'down' },
      'replica-2': { health: 'down' },
    });
    expect(chain(reading('replica-2')).forRead(READ, databases, [])?.database.name).toBe('replica-2');
    expect(chain(writing('default')).forWrite(WRITE, databases, [])?.database.name).toBe('default');
  });

  it('asks every router in turn about relations and migrations, until one has an opinion', () => {
    const none: Hooks = { allowRelation: () => undefined, allowMigrate: () => undefined };
    const no: Hooks = { allowRelation: () => false, allowMigrate: () => false };
    const yes: Hooks = { allowRelation: () => true, allowMigrate: () => true };
    expect(chain({}, none, no, yes).allowsRelation(object, object, up)).toBe(false);
    expect(chain({}, none, yes, no).allowsMigrate(up.default, migration)).toBe(true);
    expect(chain({}, none).allowsRelation(object, object, up)).toBeUndefined();
    expect(chain({}, none).allowsMigrate(up.default, migration)).toBeUndefined();
  });

  it('pins for the longest time that one of its routers names', () => {
    expect(
      new Chain([new PinningReplicaRouter({ pinSeconds: 5 }), new PinningReplicaRouter({ pinSeconds: 30 })]).pinMs,
    ).toBe(30_000);
    expect(new Chain([new ReplicaRouter(), new PinningReplicaRouter({ pinSeconds: 0 })]).pinMs).toBe(0);
    expect(new Chain([new ReplicaRouter()]).pinMs).toBeUndefined();
  });

  it('keeps sessions on their primary if one of its routers does', () => {
    expect(new Chain([new ReplicaRouter(), new MultiPrimaryRouter()]).staysOnPrimary).toBe(true);
    expect(new Chain([new ReplicaRouter()]).staysOnPrimary).toBe(false);
  });
});
