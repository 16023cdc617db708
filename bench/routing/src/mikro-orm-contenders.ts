import { defineEntity, MariaDbDriver, MikroORM, p } from '@mikro-orm/mariadb';
import type { Contender, ContenderName } from './contenders.js';
import type { Place } from './place.js';

const ITEM = defineEntity({
  name: 'Item',
  tableName: 'item',
  properties: { id: p.integer().primary().autoincrement(), title: p.string(), price: p.integer() },
});

/** The same contenders with MikroORM, on MariaDB. Each call has an entity manager of its own, as requests have. */
export const MIKRO_ORM_CONTENDERS = {
  single: (place) => stock(place, {}),
  replication: (place) => stock(place, { replicas: [{}, {}] }),
  again: (place) => stock(place, { replicas: [{}, {}] }),
  sluice: (place) => sluice(place, { sessions: true }),
  sessionless: (place) => sluice(place, { sessions: false }),
} as const satisfies Record<ContenderName, (place: Place) => Promise<Contender>>;

function common({ server }: Place) {
  if (server === undefined) throw new Error('MikroORM is measured on a server only');
  const { host, port, username, password, database } = server;
  return { entities: [ITEM], host, port, user: username, password, dbName: database, pool: { min: 0, max: 4 } };
}

async function stock(place: Place, more: { readonly replicas?: object[] }): Promise<Contender> {
  return contender(await MikroORM.init({ ...common(place), ...more }), (work) => work());
}

async function sluice(place: Place, { sessions }: { readonly sessions: boolean }): Promise<Contender> {
  // a process with stock MikroORM only never loads it
  const { PinningReplicaRouter, ReplicaRouter, routed, runInSession } = await import('@sluice/mikro-orm');
  const driver = routed(MariaDbDriver, {
    databases: { default: {}, 'replica-1': {}, 'replica-2': {} },
    router: sessions ? new PinningReplicaRouter() : new ReplicaRouter(),
  });
  const orm = await MikroORM.init({ ...common(place), driver });
  return contender(orm, sessions ? (work) => runInSession(work) : (work) => work());
}

function contender(orm: MikroORM, within: Contender['within']): Contender {
  return {
    within,
    operations: {
      findOneBy: () => orm.em.fork().findOne(ITEM, { id: 1 }),
      query: () => orm.em.fork().execute('SELECT 1'),
      insert: () => orm.em.fork().insert(ITEM, { title: 'a thing', price: 3 }),
    },
    furnish: () => orm.schema.create(),
    close: () => orm.close(true),
  };
}
