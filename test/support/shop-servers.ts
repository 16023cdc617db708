import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';

/** Replicated servers with the table of orders of the examples, as many of them as users. */
export interface ShopServers {
  readonly servers: Servers;
  /** The names of the servers by their ports. */
  readonly nameOf: (port: number) => string | undefined;
  /** From here on every replica is as old as it is now. */
  pauseReplay(): Promise<void>;
}

const TABLES = {
  postgres: [
    'CREATE TABLE "order" (id SERIAL PRIMARY KEY, title VARCHAR(255) NOT NULL)',
    'ALTER TABLE "order" OWNER TO app',
    `INSERT INTO "order" (title) SELECT 'before' FROM generate_series(1, 100)`,
  ],
  mariadb: [
    'CREATE TABLE app.`order` (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(255) NOT NULL)',
    "INSERT INTO app.`order` (title) SELECT 'before' FROM seq_1_to_100",
  ],
} as const;

/** A primary and two replicas, and on each the orders 1 to 100, entitled `before`. */
export async function startShopServers(engine: keyof typeof TABLES): Promise<ShopServers> {
  const servers = await startCluster({ engine, replicas: 2 });
  for (const sql of TABLES[engine]) await servers.primary.query(sql);
  await servers.caughtUp();
  const names = new Map(servers.servers.map(({ name, port }) => [port, name]));
  return {
    servers,
    nameOf: (port) => names.get(port),
    async pauseReplay() {
      for (const name of ['replica-1', 'replica-2']) await servers.server(name).pauseReplay();
    },
  };
}

/** The databases as `DATABASES` of the examples has them: with TypeORM's names, or with MikroORM's. */
export function databasesFor(orm: 'typeorm' | 'mikro-orm', { databases }: Servers): string {
  const entries = Object.entries(databases).map(([name, { user, database, ...address }]) => {
    const names = orm === 'typeorm' ? { username: user, database } : { user, dbName: database };
    return [name, { ...address, ...names }];
  });
  return JSON.stringify(Object.fromEntries(entries));
}
