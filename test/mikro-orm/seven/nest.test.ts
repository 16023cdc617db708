import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager as CoreEntityManager, MikroORM as CoreMikroORM } from '@mikro-orm/core';
import { EntityManager, MikroORM } from '@mikro-orm/mariadb';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PinningReplicaRouter, routed, runInSession, UsePrimary } from '@sluice/mikro-orm';
import type { Cluster as Servers } from '@sluice/testbed';
import { MariaDbDriver } from '../support/drivers.js';
import { ENGINES, startServers } from '../support/engines.js';
import { closeAll, connected, databasesOf, makeTables } from '../support/opened.js';
import { Order, SHOP } from '../support/shop.js';

@Injectable()
class Orders {
  readonly em: EntityManager;

  constructor(@Inject(EntityManager) em: EntityManager) {
    this.em = em;
  }

  who(): Promise<number> {
    return this.em
      .fork()
      .findOneOrFail(Order, { title: 'o' })
      .then((order) => order.servedBy);
  }

  @UsePrimary()
  whoNow(): Promise<number> {
    return this.who();
  }

  async write(): Promise<void> {
    const em = this.em.fork();
    em.create(Order, { title: 'n' } as never);
    await em.flush();
  }
}

describe.each(ENGINES.filter((engine) => engine === 'mariadb'))('NestJS on %s', (engine) => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(engine);
    const orm = await connected(servers);
    await makeTables(orm);
    const em = orm.em.fork();
    em.create(Order, { title: 'o' } as never);
    await em.flush();
    await servers.caughtUp();
    await closeAll();
  });
  afterAll(async () => {
    await servers?.stop();
  });

  const options = () => ({
    driver: routed(MariaDbDriver, { databases: databasesOf(servers), router: new PinningReplicaRouter() }),
    dbName: 'app',
    entities: SHOP,
  });

  it.each([
    ['forRoot', () => MikroOrmModule.forRoot(options())],
    ['forRootAsync', () => MikroOrmModule.forRootAsync({ driver: options().driver, useFactory: options })],
  ])('works with %s: tokens, decorators, sessions, and an end that leaves nothing', async (_name, orm) => {
    @Module({ imports: [orm()], providers: [Orders] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    const orders = app.get(Orders);
    expect(app.get(CoreEntityManager)).toBe(app.get(EntityManager));
    expect(app.get(MikroORM)).toBe(app.get(CoreMikroORM));
    expect(orders.em).toBeInstanceOf(EntityManager);
    const replicas = [servers.replica(1).port, servers.replica(2).port];
    expect(replicas).toContain(await orders.who());
    expect(await orders.whoNow()).toBe(servers.primary.port);
    await runInSession(async () => {
      await orders.write();
      expect(await orders.who()).toBe(servers.primary.port);
    });
    await app.close();
    const left = await servers.primary.query(
      "select count(*) as n from information_schema.processlist where user = 'app'",
    );
    expect(Number(left[0]?.['n'])).toBe(0);
  });
});
