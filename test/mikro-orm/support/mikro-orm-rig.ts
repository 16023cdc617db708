import { LockMode } from '@mikro-orm/core';
import type { RoutingOptions } from '@sluice/core';
import type { Answer, Notes, Orm as OrmUnderTest, Rig } from '@sluice/core/testing';
import { clusterOf } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { nameOf, serversOf } from '../../conformance/servers.js';
import { whoSql } from './engines.js';
import { Note, NOTES, Remark, Who } from './notes.js';
import type { Em, Orm } from './opened.js';
import { connected, makeTables } from './opened.js';

/** MikroORM under the conformance kit. */
export function mikroOrmRig(servers: Servers): Rig {
  return {
    servers: serversOf(servers),
    open: async (routing) => new MikroOrm(servers, await opened(servers, routing)),
  };
}

const opened = (servers: Servers, routing: RoutingOptions): Promise<Orm> =>
  connected(servers, { ...routing, orm: { entities: NOTES } });

/** The tables of the rig, made once and replicated. */
export async function makeNotes(servers: Servers): Promise<void> {
  const orm = await opened(servers, { router: 'ReplicaRouter' });
  await makeTables(orm);
  await orm.close();
  await servers.caughtUp();
}

class MikroOrm implements OrmUnderTest {
  readonly #servers: Servers;
  readonly #orm: Orm;

  constructor(servers: Servers, orm: Orm) {
    this.#servers = servers;
    this.#orm = orm;
  }

  get cluster() {
    return clusterOf(this.#orm);
  }

  read = (id: number) => this.#notes(this.#fork()).read(id);
  write = (id: number, text: string) => this.#notes(this.#fork()).write(id, text);
  raw = () => this.#notes(this.#fork()).raw();
  lockingRead = (id: number) => this.transaction((notes) => notes.lockingRead(id));
  builder = (id: number) => {
    const em = this.#fork();
    const builder = em
      .createQueryBuilder(Note, 'n')
      .select('*')
      .where({ id } as never);
    return async () => this.#answer(((await builder.getSingleResult()) as Note | null) ?? (await this.#nobody(em)));
  };

  async readWithChildren(id: number) {
    await this.#fork().upsert(Remark, { id, note: id } as never);
    await this.#servers.caughtUp();
    const found = { populate: ['remarks'], strategy: 'select-in' } as never;
    const note = (await this.#fork().findOneOrFail(Note, { id }, found)) as Note;
    return [note, ...note.remarks.getItems()].map(({ servedBy }) => nameOf(this.#servers, servedBy));
  }

  async page() {
    const by: string[] = [];
    const listen = ({ database }: { database: string }) => by.push(database);
    this.cluster.on('route', listen);
    await this.#fork().findAndCount(Note, {}, { limit: 1 });
    this.cluster.off('route', listen);
    return by;
  }

  async stream() {
    for await (const row of this.#fork().stream(Note)) return { by: nameOf(this.#servers, (row as Note).servedBy) };
    throw new Error('the stream had no rows');
  }

  async writeNothing() {
    await this.#fork().nativeUpdate(Note, { id: -1 }, { text: 'none' } as never);
  }

  transaction = <T>(work: (notes: Notes) => Promise<T>) =>
    this.#fork().transactional((em) => work(this.#notes(em as unknown as Em)));

  readTransaction = <T>(work: (notes: Notes) => Promise<T>) =>
    this.#fork().transactional((em) => work(this.#notes(em as unknown as Em)), { readOnly: true });

  async slowRead(started: () => void) {
    const mariadb = this.#servers.engine === 'mariadb';
    const sleep = mariadb ? 'SLEEP(0.5)' : 'pg_sleep(0.5)';
    const read = this.#orm.em.getConnection('read').execute(`select (${whoSql()}) as port, ${sleep} as slept`);
    await this.#underWay(mariadb ? "info LIKE '%SLEEP(0.5)%'" : "query LIKE '%pg_sleep(0.5)%'");
    started();
    return { by: nameOf(this.#servers, ((await read) as { port: number }[])[0]?.port) };
  }

  failingRead = () => this.#orm.em.getConnection('read').execute('select * from nothing');

  close = () => this.#orm.close();

  #fork(): Em {
    return this.#orm.em.fork() as unknown as Em;
  }

  #notes(em: Em): Notes {
    return {
      read: async (id) => this.#answer((await em.findOne(Note, { id }, { refresh: true })) ?? (await this.#nobody(em))),
      write: async (id, text) => void (await em.upsert(Note, { id, text } as never)),
      lockingRead: async (id) =>
        this.#answer(await em.findOneOrFail(Note, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true })),
      raw: async () => {
        const [row] = (await em.execute(`SELECT (${whoSql()}) AS port`)) as { port: number }[];
        return { by: nameOf(this.#servers, row?.port) };
      },
    };
  }

  #answer({ servedBy, text }: { servedBy: number; text?: string }): Answer {
    return { by: nameOf(this.#servers, servedBy), text };
  }

  /** Who said that there is no such note. */
  async #nobody(em: Em): Promise<{ servedBy: number }> {
    const [who] = await em.find(Who, {});
    return { servedBy: Number(who?.port) };
  }

  /** Waits until one of the servers runs such a statement. */
  async #underWay(condition: string): Promise<void> {
    const sql =
      this.#servers.engine === 'mariadb'
        ? `SELECT id FROM information_schema.processlist WHERE command = 'Query' AND id <> CONNECTION_ID() AND ${condition}`
        : `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND ${condition}`;
    for (;;) {
      const found = await Promise.all(this.#servers.servers.map((server) => server.query(sql)));
      if (found.some((rows) => rows.length > 0)) return;
    }
  }
}
