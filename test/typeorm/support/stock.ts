import { DataSource } from 'typeorm';
import { databasesOf } from './opened.js';
import type { Scene } from './scene.js';
import { SHOP } from './shop.js';

/** Stock TypeORM with its own `replication` option on the same servers, initialized; the test destroys it. */
export async function stock(scene: Scene, typeorm: object = {}): Promise<DataSource> {
  const { default: master, ...slaves } = databasesOf(scene.servers);
  const replication = { master: { ...master }, slaves: Object.values(slaves) };
  return new DataSource({ type: scene.engine, entities: SHOP, replication, ...typeorm } as never).initialize();
}
