import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ReplicaRouter, runInSession, PinningReplicaRouter, useReplica } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { ENGINES, startServers, whoSql } from './support/engines.js';
import type { Orm } from './support/opened.js';
import { closeAll, connected, isVersion6, portOf, ready, routesDuring } from './support/opened.js';
import { Audit, Order } from './support/shop.js';

interface Answer {
  readonly rows: readonly { readonly port: number }[];
}

/** What Kysely (7) and knex (6) have in common here. */
interface RawBuilder {
  who(): Promise<number>;
  insert(): Promise<unknown>;
  transaction(work: (inside: RawBuilder) => Promise<void>): Promise<void>;
}

describe.each(ENGINES)('a raw builder on %s', (engine) => {
  let servers: Servers;
  let orm: Orm;
  let routing: Orm;
  let primary: number;
  let replicas: number[];

  beforeAll(async () => {
    servers = await startServers(engine);
    orm = await ready(servers, { router: new PinningReplicaRouter() });
    routing = await connected(servers, { router: new ReplicaRouter(), routeRawReads: true, name: 'routing' });
    primary = servers.primary.port;
    replicas = [portOf(servers, 'replica-1'), portOf(servers, 'replica-2')];
    const em = orm.em.fork();
    em.create(Order, { title: 'o' } as never);
    await em.flush();
    await servers.caughtUp();
    await Promise.all([orm.connect(), routing.connect()]);
  });
  afterAll(async () => {
    await closeAll();
    await servers?.stop();
  });

  const builderOf = (from: Orm, kind?: 'read'): RawBuilder => {
    const em = from.em.fork() as unknown as Record<'getKysely' | 'getKnex', (kind?: unknown) => unknown>;
    return isVersion6
      ? knexBuilder(em.getKnex(kind) as Knex)
      : kyselyBuilder(em.getKysely(kind && { type: kind }) as Kysely);
  };

  it('reads on the primary, as raw SQL does', async () => {
    expect(await builderOf(orm).who()).toBe(primary);
  });

  it('reads on a replica where raw reads are routed, or a connection for reads is asked for', async () => {
    expect(replicas).toContain(await builderOf(routing).who());
    expect(replicas).toContain(await builderOf(orm, 'read').who());
    const made = builderOf(orm);
    expect(replicas).toContain(await useReplica(() => made.who()));
  });

  it('is decided for each of its statements', async () => {
    const made = builderOf(routing);
    expect(
      await routesDuring(routing, async () => {
        await made.insert();
        expect(replicas).toContain(await made.who());
        await made.insert();
      }),
    ).toEqual(['default', expect.stringMatching(/^replica/), 'default']);
  });

  it('pins its session when it writes', async () => {
    await runInSession(async () => {
      await builderOf(orm).insert();
      expect((await orm.em.fork().findOneOrFail(Order, { title: 'o' })).servedBy).toBe(primary);
    });
  });

  it('keeps its transaction on one primary, commits and rolls back', async () => {
    const count = (): Promise<number> => orm.em.fork().count(Audit, {}, { connectionType: 'write' });
    const before = await count();
    await builderOf(routing).transaction(async (inside) => {
      await inside.insert();
      expect(await inside.who()).toBe(primary);
    });
    expect(await count()).toBe(before + 1);
    const undone = builderOf(routing).transaction(async (inside) => {
      await inside.insert();
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    expect(await count()).toBe(before + 1);
  });

  it('gives its connections back', async () => {
    const small = await connected(servers, {
      router: new ReplicaRouter(),
      name: 'small',
      orm: { pool: { min: 0, max: 1 } },
    });
    await small.connect();
    for (let turn = 0; turn < 5; turn += 1) {
      await builderOf(small).who();
      await builderOf(small).transaction(async (inside) => void (await inside.who()));
      await builderOf(small)
        .transaction(() => Promise.reject(new Error('undo')))
        .catch(() => undefined);
    }
    expect(await builderOf(small).who()).toBe(primary);
  });

  it('goes on when a replica is dead', async () => {
    await servers.replica(1).kill();
    for (let turn = 0; turn < 6; turn += 1) expect(await builderOf(routing).who()).toBe(replicas[1]);
    await servers.replica(1).restart();
  });

  if (!isVersion6) {
    it('is bound to the transaction of its entity manager', async () => {
      await routing.em.fork().transactional(async (em) => {
        const kysely = (em as unknown as { getKysely(): Kysely }).getKysely();
        expect(await kyselyBuilder(kysely).who()).toBe(primary);
      });
    });
  }

  // ---- Kysely
  interface Kysely {
    selectNoFrom(select: (builder: unknown) => unknown): { executeTakeFirstOrThrow(): Promise<{ port: number }> };
    selectFrom(table: string): { select(column: string): { execute(): Promise<unknown> } };
    insertInto(table: string): { values(row: object): { execute(): Promise<unknown> } };
    transaction(): { execute<T>(work: (trx: Kysely) => Promise<T>): Promise<T> };
    executeQuery(query: object): Promise<Answer>;
  }
  const rawQuery = (sql: string): object => ({
    sql,
    parameters: [],
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: {},
  });
  const kyselyBuilder = (kysely: Kysely): RawBuilder => ({
    who: async () =>
      Number((await kysely.executeQuery(rawQuery(`select (${whoSql()}) as port from orders`))).rows[0]?.port),
    insert: () => kysely.insertInto('audit').values({ what: 'kysely' }).execute(),
    transaction: (work) => kysely.transaction().execute((trx) => work(kyselyBuilder(trx))),
  });

  // ---- knex
  interface Knex {
    (table: string): { insert(row: object): Promise<unknown> };
    raw(sql: string): Promise<unknown>;
    select(raw: unknown): { from(table: string): Promise<readonly { port: number }[]> };
    transaction<T>(work: (trx: Knex) => Promise<T>): Promise<T>;
  }
  const knexBuilder = (knex: Knex): RawBuilder => ({
    who: async () => Number((await knex.select(knex.raw(`(${whoSql()}) as port`)).from('orders'))[0]?.port),
    insert: () => knex('audit').insert({ what: 'knex' }),
    transaction: (work) => knex.transaction((trx) => work(knexBuilder(trx))),
  });
});
