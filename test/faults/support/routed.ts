import type { Cluster, RoutingOptions } from '@sluice/core';
import { clusterOf } from '@sluice/mikro-orm';
import type { MikroOrmDatabase } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { readTransaction } from '@sluice/typeorm';
import { connected, databasesOf as mikroOrmDatabases } from '../../mikro-orm/support/opened.js';
import { Tag as MikroOrmTag } from '../../mikro-orm/support/shop.js';
import { whoSql } from '../../support/who.js';
import { databasesOf as typeOrmDatabases, routed } from '../../typeorm/support/opened.js';
import { Tag } from '../../typeorm/support/shop.js';

export const ORMS = ['typeorm', 'mikro-orm'] as const;
export type OrmName = (typeof ORMS)[number];

/** Who answered, and what. */
export interface Answer {
  readonly id: number;
  readonly port: number;
}

/** A routed ORM of either kind, as these tests use it. */
export interface Routed {
  readonly orm: OrmName;
  readonly cluster: Cluster;
  read(id?: number): Promise<Answer>;
  /** Reads all rows; answers the port of the server that they come from. */
  page(): Promise<number>;
  write(label: string): Promise<void>;
  /** A write in a transaction. */
  writeInTransaction(label: string): Promise<void>;
  /** The first row of a stream. */
  stream(): Promise<number>;
  /** A transaction that was declared to read only. */
  reading<T>(work: (read: () => Promise<Answer>) => Promise<T>): Promise<T>;
  /** Adds a server as one more database. */
  add(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface Options extends RoutingOptions {
  /** Where a database is reached through a proxy, by its name. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Instead of the testbed's ordinary user. */
  readonly user?: string;
  /** Default: 10. */
  readonly poolSize?: number;
}

/** A routed ORM over real servers, with nothing pinned unless a router is given that pins. */
export function open(orm: OrmName, servers: Servers, options: Options = {}): Promise<Routed> {
  return orm === 'typeorm' ? openTypeOrm(servers, options) : openMikroOrm(servers, options);
}

async function openTypeOrm(servers: Servers, { ports, user, poolSize = 10, ...routing }: Options): Promise<Routed> {
  const all = typeOrmDatabases(servers);
  const databases = altered(all, ports, user === undefined ? {} : { username: user, password: user });
  const source = routed(servers, { router: 'ReplicaRouter', ...routing, databases, typeorm: { poolSize } });
  await source.initialize();
  return {
    orm: 'typeorm',
    cluster: source.cluster as unknown as Cluster,
    read: async (id = 1) => answer(await source.getRepository(Tag).findOneByOrFail({ id })),
    write: async (label) => void (await source.getRepository(Tag).insert({ label })),
    page: async () => numberOf((await source.getRepository(Tag).find())[0]?.servedBy),
    writeInTransaction: (label) => source.transaction(async (manager) => void (await manager.insert(Tag, { label }))),
    stream: async () => {
      const builder = source.createQueryBuilder(Tag, 'tag').select(`(${whoSql()})`, 'port');
      for await (const row of await builder.stream()) return numberOf((row as unknown as { port: unknown }).port);
      throw new Error('the stream had no rows');
    },
    reading: (work) =>
      readTransaction(source, (manager) => work(async () => answer(await manager.findOneByOrFail(Tag, { id: 1 })))),
    add: (name) => source.cluster.addDatabase(name, all[name] ?? {}),
    close: async () => {
      if (source.isInitialized) await source.destroy();
    },
  };
}

async function openMikroOrm(servers: Servers, { ports, user, poolSize = 10, ...routing }: Options): Promise<Routed> {
  const all = mikroOrmDatabases(servers);
  const databases = altered(all, ports, { pool: { min: 0, max: poolSize }, ...(user && { user, password: user }) });
  const orm = await connected(servers, { router: 'ReplicaRouter', ...routing, databases });
  const cluster = clusterOf(orm);
  return {
    orm: 'mikro-orm',
    cluster: cluster as unknown as Cluster,
    read: async (id = 1) => answer(await orm.em.fork().findOneOrFail(MikroOrmTag, { id })),
    write: async (label) => void (await orm.em.fork().insert(MikroOrmTag, { label } as never)),
    page: async () => numberOf((await orm.em.fork().find(MikroOrmTag, {}))[0]?.servedBy),
    writeInTransaction: (label) =>
      orm.em.fork().transactional(async (em) => void (await em.insert(MikroOrmTag, { label } as never))),
    stream: async () => {
      for await (const row of orm.em.fork().stream(MikroOrmTag)) return numberOf((row as MikroOrmTag).servedBy);
      throw new Error('the stream had no rows');
    },
    reading: (work) =>
      orm.em
        .fork()
        .transactional(
          (em) => work(async () => answer(await em.findOneOrFail(MikroOrmTag, { id: 1 }, { refresh: true }))),
          { readOnly: true },
        ),
    add: (name) => cluster.addDatabase(name, all[name] as MikroOrmDatabase),
    close: () => orm.close(true),
  };
}

function altered<D extends object>(
  databases: Readonly<Record<string, D>>,
  ports: Options['ports'] = {},
  more: object,
): Record<string, D> {
  return Object.fromEntries(
    Object.entries(databases).map(([name, database]) => {
      const port = ports[name];
      return [name, { ...database, ...more, ...(port !== undefined && { port }) }];
    }),
  );
}

function answer({ id, servedBy }: { readonly id: number; readonly servedBy: number }): Answer {
  return { id: numberOf(id), port: numberOf(servedBy) };
}

/** What drivers answer for a number, in whichever column. */
function numberOf(value: unknown): number {
  return Number(value);
}
