import { describe, expect, it } from '@jest/globals';
import type { Database, Databases } from '../../src/databases.js';
import type { RouteRequest } from '../../src/router.js';
import { Router } from '../../src/router.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { runInSession, withHints } from '../../src/scopes.js';
import { begin, read, reads, rig, write } from '../support/rig.js';

class Audit {}
class User {}

/** Sends one model's statements to a database of its own. */
class AuditRouter extends Router {
  override dbForRead(request: RouteRequest): string | undefined {
    return request.model === Audit ? 'replica-2' : undefined;
  }
}

describe('a custom router', () => {
  it('decides by the model of a statement', async () => {
    const { cluster } = rig({ router: new AuditRouter() });
    expect(await read(cluster, { model: Audit })).toBe('replica-2');
    expect(await read(cluster, { model: User })).toBe('default');
  });

  it('may extend a shipped router', async () => {
    class Reports extends ReplicaRouter {
      override dbForRead(request: RouteRequest, databases: Databases): Database | undefined {
        if (request.hints['report'] === true) return databases.get('replica-2');
        return super.dbForRead(request, databases);
      }
    }
    const { cluster } = rig({ router: new Reports() });
    expect(await withHints({ report: true }, () => reads(cluster, 3))).toEqual(['replica-2', 'replica-2', 'replica-2']);
    expect(new Set(await reads(cluster, 4))).toEqual(new Set(['replica-1', 'replica-2']));
  });

  it('sees all that is known of a statement', async () => {
    const seen: RouteRequest[] = [];
    const { cluster } = rig({
      router: { dbForRead: (request) => void seen.push(request) },
    });
    const instance = {};
    await runInSession((session) =>
      withHints({ tenant: 7 }, async () => {
        await read(cluster, { model: User, models: [User, Audit], sql: 'SELECT 1', instance });
        expect(seen[0]?.session).toBe(session);
      }),
    );
    const [request] = seen;
    expect(request?.intent).toBe('read');
    expect(request?.model).toBe(User);
    expect(request?.models).toEqual([User, Audit]);
    expect(request?.sql).toBe('SELECT 1');
    expect(request?.inTransaction).toBe(false);
    expect(request?.instance).toBe(instance);
    expect(request?.hints).toEqual({ tenant: 7 });
  });

  it('sees no more than the intent of a statement of which nothing is known', async () => {
    const seen: RouteRequest[] = [];
    const { cluster } = rig({ router: { dbForRead: (request) => void seen.push(request) } });
    await read(cluster);
    const [request] = seen;
    expect([request?.model, request?.sql, request?.instance, request?.session]).toEqual(Array(4).fill(undefined));
    expect(request?.models).toEqual([]);
    expect(request?.hints).toEqual({});
  });

  it('is asked for a transaction as for a write, and told so', async () => {
    const seen: RouteRequest[] = [];
    const { cluster } = rig({ router: { dbForWrite: (request) => void seen.push(request) } });
    await cluster.begin({ intent: 'write' }, () => Promise.resolve());
    expect(seen.map(({ inTransaction }) => inTransaction)).toEqual([true]);
  });

  it('is told each entity of a flush', () => {
    const seen: unknown[] = [];
    const { cluster } = rig({ router: { dbForWrite: ({ model, models }) => void seen.push(model, models) } });
    cluster.explain({ intent: 'write', writes: [User, Audit] });
    expect(seen).toEqual([User, [User], Audit, [Audit]]);
  });

  it('is told the object of each entity of a flush', () => {
    const seen: unknown[] = [];
    const { cluster } = rig({ router: { dbForWrite: ({ instance }) => void seen.push(instance) } });
    const [user, audit] = [new User(), new Audit()];
    cluster.explain({ intent: 'write', writes: [User, Audit, User], instances: [user, audit] });
    cluster.explain({ intent: 'write', writes: [User, Audit], instance: user });
    expect(seen).toEqual([user, audit, undefined, user, undefined]);
  });

  it('is told of a write inside a transaction, and of all that is known of it', async () => {
    const seen: RouteRequest[] = [];
    const { cluster } = rig({ router: { dbForWrite: (request) => void seen.push(request) } });
    const lease = await begin(cluster);
    const instance = new User();
    cluster.confine({ intent: 'write', model: User, instance, sql: 'UPDATE', models: [User] }, lease);
    const { inTransaction, model, models, sql } = seen.at(-1) ?? {};
    expect([inTransaction, model, models, sql, seen.at(-1)?.instance]).toEqual([
      true,
      User,
      [User],
      'UPDATE',
      instance,
    ]);
  });

  it('may ask the session whether it wrote and whether it is pinned', async () => {
    const answers: unknown[] = [];
    const { cluster } = rig({
      router: {
        pinSeconds: 15,
        dbForRead: ({ session }) => void answers.push(session?.wrote(), session?.pinned(), session?.primary()),
      },
    });
    await runInSession(async () => {
      await read(cluster);
      await write(cluster);
    });
    expect(answers).toEqual([false, false, undefined]);
  });

  it.each([
    ['a plain object', { dbForRead: () => 'replica-1' }],
    [
      'a class',
      class extends Router {
        override dbForRead = (): string => 'replica-1';
      },
    ],
    [
      'an instance of a class that extends nothing',
      new (class {
        dbForRead(): string {
          return 'replica-1';
        }
      })(),
    ],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { dbForRead: () => 'replica-1' })],
  ])('may be %s', async (_what, router) => {
    const { cluster } = rig({ router: router as Router });
    expect(await read(cluster)).toBe('replica-1');
  });

  it('may answer a database of an older picture; what is known of it now counts', async () => {
    const { cluster } = rig();
    const old = cluster.databases.get('replica-1');
    const answered = rig({ router: { dbForRead: () => old } });
    const route = answered.cluster.explain({ intent: 'read' });
    expect(route.database).toBe(answered.cluster.databases.get('replica-1'));
  });
});
