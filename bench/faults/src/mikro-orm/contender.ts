import type { Configuration, IDatabaseDriver, MikroORM } from '@mikro-orm/core';
import { MariaDbDriver } from '@mikro-orm/mariadb';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Contender } from '../contenders.js';
import type { EngineName, Place } from '../place.js';
import { CONNECT_WITHIN_MS, CONNECTIONS, USER } from '../place.js';
import { PAGE } from '../tables.js';
import type { Entities } from './entities.js';

/** Of whatever driver. */
type MikroOrm = Pick<MikroORM, 'em' | 'close'>;
type Driver = new (config: Configuration) => IDatabaseDriver;

export const DRIVERS: Readonly<Record<EngineName, Driver>> = { mariadb: MariaDbDriver, postgres: PostgreSqlDriver };

/** The options that both are given. */
export function common({ type }: Place, { item, note }: Entities) {
  return {
    entities: [item, note],
    user: USER.username,
    password: USER.password,
    dbName: USER.database,
    pool: { min: 0, max: CONNECTIONS },
    driverOptions:
      type === 'postgres' ? { connectionTimeoutMillis: CONNECT_WITHIN_MS } : { connectTimeout: CONNECT_WITHIN_MS },
  };
}

/** The calls of the load; the code is the same for both. Each has an entity manager of its own, as requests have. */
export function contender(orm: MikroOrm, { item, note }: Entities): Omit<Contender, 'request' | 'cluster'> {
  const { em } = orm;
  return {
    read: async () => {
      const [first] = await em.fork().find(item, {}, { orderBy: { id: 'asc' }, limit: PAGE });
      if (first === undefined) throw new Error('the items are missing');
      return Number(first.servedBy);
    },
    write: async (token) => {
      const own = em.fork();
      own.create(note, { token });
      await own.flush();
    },
    readBack: async (token) => {
      const found = await em.fork().findOne(note, { token });
      return found === null ? undefined : Number(found.servedBy);
    },
    close: () => orm.close(true),
  };
}
