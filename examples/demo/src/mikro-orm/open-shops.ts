import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { PinningReplicaRouter, routed, runInSession } from '@sluice/mikro-orm';
import type { DatabaseAddress, Cluster as Servers } from '@sluice/testbed';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Shop, Shops, Side } from '../shop.js';
import { CUSTOMERS, PRODUCTS, SIDES } from '../shop.js';
import { Customer, ENTITIES, Order, Product } from './entities.js';
import { MikroOrmShop } from './mikro-orm-shop.js';

const CLOSE_WITHIN_MS = 1_000;

/** What both are given; each has tables of its own, in a schema of its own. */
const common = (schema: Side) => ({
  schema,
  entities: ENTITIES,
  pool: { max: 10 },
  driverOptions: { connectionTimeoutMillis: 2_000 },
});

/** Makes the tables of both shops and opens both on the same servers. */
export async function openMikroOrmShops(servers: Servers): Promise<Shops> {
  for (const side of SIDES) await furnish(side, servers);
  await servers.caughtUp();
  const stock = await stockShop(servers);
  return { stock, sluice: await sluiceShop(servers) };
}

async function stockShop({ databases }: Servers): Promise<Shop> {
  const [primary, ...replicas] = Object.values(databases).map(connection);
  if (primary === undefined) throw new Error('the servers have no primary');
  const orm = await MikroORM.init({
    ...common('stock'),
    ...primary,
    replicas: replicas.map((replica, index) => ({ name: `replica-${index + 1}`, ...replica })),
  });
  return new MikroOrmShop(orm, {
    request: (work) => work(),
    // a connection that broke in a transaction is never given back, and its pool waits for it without end
    close: () => Promise.race([orm.close(true), sleep(CLOSE_WITHIN_MS)]),
  });
}

async function sluiceShop({ databases, primary }: Servers): Promise<Shop> {
  const driver = routed(PostgreSqlDriver, {
    databases: Object.fromEntries(Object.entries(databases).map(([name, address]) => [name, connection(address)])),
    router: new PinningReplicaRouter(),
  });
  const orm = await MikroORM.init({ ...common('sluice'), driver, dbName: primary.database.database });
  return new MikroOrmShop(orm, {
    request: (work) => runInSession(work),
    close: () => orm.close(true),
  });
}

async function furnish(side: Side, servers: Servers): Promise<void> {
  const orm = await MikroORM.init({ ...common(side), ...connection(servers.primary.database) });
  try {
    await orm.schema.create();
    const em = orm.em.fork();
    await em.insertMany(
      Product,
      numbered(PRODUCTS, (id) => ({ name: `product ${id}` })),
    );
    await em.insertMany(
      Customer,
      numbered(CUSTOMERS, (id) => ({ name: `customer ${id}` })),
    );
    await em.insertMany(
      Order,
      numbered(CUSTOMERS, (id) => ({ title: 'the first order', customer: id })),
    );
  } finally {
    await orm.close(true);
  }
}

function connection({ host, port, user, password, database }: DatabaseAddress) {
  return { host, port, user, password, dbName: database };
}

function numbered<T>(count: number, make: (id: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
