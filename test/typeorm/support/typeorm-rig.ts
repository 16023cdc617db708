import type { RoutingOptions } from '@sluice/core';
import type { Answer, Notes, Orm, Rig } from '@sluice/core/testing';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { readTransaction } from '@sluice/typeorm';
import type { EntityManager } from 'typeorm';
import { nameOf, serversOf } from '../../conformance/servers.js';
import { whoSql } from './engines.js';
import { Note, Remark } from './notes.js';
import { routed } from './opened.js';

/** TypeORM under the conformance kit. */
export function typeormRig(servers: Servers): Rig {
  return {
    servers: serversOf(servers),
    open: async (routing) => new TypeOrm(servers, await routed(servers, optionsOf(routing)).initialize()),
  };
}

const optionsOf = (routing: RoutingOptions) => ({ ...routing, typeorm: { entities: [Note, Remark] } });

/** The tables of the rig, made once and replicated. */
export async function makeNotes(servers: Servers): Promise<void> {
  const dataSource = await routed(servers, optionsOf({ router: 'ReplicaRouter' })).initialize();
  await dataSource.synchronize();
  await dataSource.destroy();
  await servers.caughtUp();
}

class TypeOrm implements Orm {
  readonly #servers: Servers;
  readonly #dataSource: RoutedDataSource;

  constructor(servers: Servers, dataSource: RoutedDataSource) {
    this.#servers = servers;
    this.#dataSource = dataSource;
  }

  get cluster() {
    return this.#dataSource.cluster;
  }

  read = (id: number) => this.#notes(this.#dataSource.manager).read(id);
  write = (id: number, text: string) => this.#notes(this.#dataSource.manager).write(id, text);
  raw = () => this.#notes(this.#dataSource.manager).raw();
  builder = (id: number) => {
    const builder = this.#dataSource.createQueryBuilder(Note, 'note').where({ id });
    return async () => this.#answer((await builder.getOne()) ?? (await this.#nobody(this.#dataSource.manager)));
  };

  async lockingRead(id: number) {
    const lock = { mode: 'pessimistic_write' } as const;
    return this.#answer(await this.#dataSource.manager.findOneOrFail(Note, { where: { id }, lock, transaction: true }));
  }

  async readWithChildren(id: number) {
    await this.#dataSource.manager.save(Remark, { id, note: { id } });
    await this.#servers.caughtUp();
    const note = await this.#dataSource.manager.findOneOrFail(Note, {
      where: { id },
      relations: { remarks: true },
      relationLoadStrategy: 'query',
    });
    return [note, ...note.remarks].map(({ servedBy }) => nameOf(this.#servers, servedBy));
  }

  async page() {
    const by: string[] = [];
    const listen = ({ database }: { database: string }) => by.push(database);
    this.cluster.on('route', listen);
    await this.#dataSource.manager.findAndCount(Note, { take: 1 });
    this.cluster.off('route', listen);
    return by;
  }

  async stream() {
    const stream = await this.#dataSource.createQueryBuilder(Note, 'note').select(`(${whoSql()})`, 'port').stream();
    for await (const row of stream) return { by: nameOf(this.#servers, (row as unknown as { port: number }).port) };
    throw new Error('the stream had no rows');
  }

  async writeNothing() {
    await this.#dataSource.manager.update(Note, { id: -1 }, { text: 'none' });
  }

  transaction = <T>(work: (notes: Notes) => Promise<T>) =>
    this.#dataSource.transaction((manager) => work(this.#notes(manager)));

  readTransaction = <T>(work: (notes: Notes) => Promise<T>) =>
    readTransaction(this.#dataSource, (manager) => work(this.#notes(manager)));

  async slowRead(started: () => void) {
    const mariadb = this.#servers.engine === 'mariadb';
    const read = this.#dataSource
      .createQueryBuilder(Note, 'note')
      .select(`(${whoSql()})`, 'port')
      .addSelect(mariadb ? 'SLEEP(0.5)' : 'pg_sleep(0.5)', 'slept')
      .limit(1)
      .getRawOne<{ port: number }>();
    await this.#underWay(mariadb ? "info LIKE '%SLEEP(0.5)%'" : "query LIKE '%pg_sleep(0.5)%'");
    started();
    return { by: nameOf(this.#servers, (await read)?.port) };
  }

  failingRead = () => this.#dataSource.createQueryBuilder(Note, 'note').where('nothing.at = 1').getMany();

  async close() {
    if (this.#dataSource.isInitialized) await this.#dataSource.destroy();
  }

  #notes(manager: EntityManager): Notes {
    return {
      read: async (id) => this.#answer((await manager.findOneBy(Note, { id })) ?? (await this.#nobody(manager))),
      write: async (id, text) => void (await manager.save(Note, { id, text })),
      lockingRead: async (id) => {
        const lock = { mode: 'pessimistic_write' } as const;
        return this.#answer(await manager.findOneOrFail(Note, { where: { id }, lock }));
      },
      raw: async () => {
        const [row] = (await manager.query(`SELECT (${whoSql()}) AS port`)) as { port: number }[];
        return { by: nameOf(this.#servers, row?.port) };
      },
    };
  }

  #answer({ servedBy, text }: { servedBy: number; text?: string }): Answer {
    return { by: nameOf(this.#servers, servedBy), text };
  }

  /** Who said that there is no such note. */
  async #nobody(manager: EntityManager): Promise<{ servedBy: number }> {
    const row = await manager
      .createQueryBuilder()
      .select(`(${whoSql()})`, 'port')
      .from('(SELECT 1)', 'one')
      .getRawOne();
    return { servedBy: (row as { port: number }).port };
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
