import type { DatabaseAddress, Cluster as Servers } from '@sluice/testbed';
import { PinningReplicaRouter, RoutedDataSource, runInSession } from '@sluice/typeorm';
import { DataSource } from 'typeorm';
import type { Shop, Shops, Side } from '../shop.js';
import { CUSTOMERS, PRODUCTS, SIDES } from '../shop.js';
import { Customer, ENTITIES, Order, Product } from './entities.js';
import { TypeOrmShop } from './typeorm-shop.js';

/** What both data sources are given; each has tables of its own, in a schema of its own. */
const common = (schema: Side) =>
  ({
    type: 'postgres',
    schema,
    entities: ENTITIES,
    poolSize: 10,
    connectTimeoutMS: 2_000,
    // an idle connection that ends with its server is no news here: the shops count what their requests see
    poolErrorHandler: () => undefined,
  }) as const;

/** Makes the tables of both shops and opens both on the same servers. */
export async function openTypeOrmShops(servers: Servers): Promise<Shops> {
  for (const side of SIDES) await furnish(side, servers);
  await servers.caughtUp();
  const stock = await stockShop(servers);
  return { stock, sluice: await sluiceShop(servers) };
}

async function stockShop({ databases }: Servers): Promise<Shop> {
  const [master, ...slaves] = Object.values(databases).map(credentials);
  if (master === undefined) throw new Error('the servers have no primary');
  const dataSource = new DataSource({
    ...common('stock'),
    replication: { master, slaves, defaultMode: 'slave' },
  });
  return new TypeOrmShop(await dataSource.initialize(), (work) => work());
}

async function sluiceShop({ databases }: Servers): Promise<Shop> {
  const dataSource = new RoutedDataSource(common('sluice'), {
    databases: Object.fromEntries(Object.entries(databases).map(([name, address]) => [name, credentials(address)])),
    router: new PinningReplicaRouter(),
  });
  return new TypeOrmShop(await dataSource.initialize(), (work) => runInSession(work));
}

async function furnish(side: Side, servers: Servers): Promise<void> {
  const dataSource = new DataSource({ ...common(side), ...credentials(servers.primary.database) });
  await dataSource.initialize();
  try {
    await dataSource.query(`CREATE SCHEMA "${side}"`);
    await dataSource.synchronize();
    await dataSource.getRepository(Product).insert(numbered(PRODUCTS, (id) => ({ name: `product ${id}` })));
    await dataSource.getRepository(Customer).insert(numbered(CUSTOMERS, (id) => ({ name: `customer ${id}` })));
    await dataSource
      .getRepository(Order)
      .insert(numbered(CUSTOMERS, (id) => ({ title: 'the first order', customer: { id } })));
  } finally {
    await dataSource.destroy();
  }
}

function credentials({ host, port, user, password, database }: DatabaseAddress) {
  return { host, port, username: user, password, database };
}

function numbered<T>(count: number, make: (id: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
