// What the examples for MikroORM import from './orm.js'. `npm run docs:snippets` compiles them beside it.
import { defineEntity, MikroORM, MySqlDriver, p } from '@mikro-orm/mysql';
import { routed } from '@sluice/mikro-orm';

export const Order = defineEntity({ name: 'Order', properties: { id: p.integer().primary(), title: p.string() } });

export const orm = await MikroORM.init({
  driver: routed(MySqlDriver, { databases: { default: {}, 'replica-1': { host: 'db-2' } } }),
  host: 'db-1',
  dbName: 'shop',
  entities: [Order],
});
