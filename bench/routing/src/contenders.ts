import type { DataSource, DataSourceOptions } from 'typeorm';
import { DataSource as StockDataSource } from 'typeorm';
import type { OperationName } from './operations.js';
import { ITEM, OPERATIONS } from './operations.js';
import type { Place } from './place.js';
import { stubMysql, stubPostgres } from './stub-drivers.js';

/** An open ORM. */
export interface Contender {
  readonly operations: Readonly<Record<OperationName, () => Promise<unknown>>>;
  /** What an application puts around a stretch of work. */
  readonly within: (work: () => Promise<void>) => Promise<void>;
  /** Makes the table. */
  readonly furnish: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Who is compared: stock TypeORM on one server, with `replication`, and `again`, a second one of these: what differs
 * between the two is noise. Then Sluice, in a session, and without any. All of their databases are one and the same
 * server, so that only what happens on our side can differ.
 */
export const CONTENDERS = {
  single: (place) => stock(place, place.server ?? NOWHERE),
  replication: (place) => stock(place, replicated(place)),
  again: (place) => stock(place, replicated(place)),
  sluice: (place) => sluice(place, { sessions: true }),
  sessionless: (place) => sluice(place, { sessions: false }),
} as const satisfies Record<string, (place: Place) => Promise<Contender>>;

export type ContenderName = keyof typeof CONTENDERS;

const NOWHERE = { host: 'nowhere', port: 1, username: 'app', password: 'app', database: 'app' };

function replicated({ server = NOWHERE }: Place): object {
  return { replication: { master: server, slaves: [server, server] } };
}

function common({ type, server }: Place): object {
  const stub = type === 'postgres' ? stubPostgres : stubMysql;
  return { type, entities: [ITEM], poolSize: 4, ...(server === undefined && { driver: stub() }) };
}

async function stock(place: Place, where: object): Promise<Contender> {
  const dataSource = new StockDataSource({ ...common(place), ...where } as DataSourceOptions);
  return contender(await dataSource.initialize(), (work) => work());
}

async function sluice(place: Place, { sessions }: { readonly sessions: boolean }): Promise<Contender> {
  // a process with stock TypeORM only never loads it: it patches what it routes
  const { PinningReplicaRouter, ReplicaRouter, RoutedDataSource, runInSession } = await import('@sluice/typeorm');
  const options = { ...common(place), ...(place.server ?? NOWHERE) };
  const dataSource = new RoutedDataSource(options as ConstructorParameters<typeof RoutedDataSource>[0], {
    databases: { default: {}, 'replica-1': {}, 'replica-2': {} },
    router: sessions ? new PinningReplicaRouter() : new ReplicaRouter(),
    ...(place.server === undefined && { probe: 'off' }),
  });
  await dataSource.initialize();
  return contender(dataSource, sessions ? (work) => runInSession(work) : (work) => work());
}

function contender(dataSource: DataSource, within: Contender['within']): Contender {
  return {
    within,
    operations: {
      findOneBy: () => OPERATIONS.findOneBy(dataSource),
      query: () => OPERATIONS.query(dataSource),
      insert: () => OPERATIONS.insert(dataSource),
    },
    furnish: () => dataSource.synchronize(),
    close: () => dataSource.destroy(),
  };
}
