import type { DataSource, EntitySchema } from 'typeorm';
import type { Contender } from '../contenders.js';
import type { Place } from '../place.js';
import { CONNECT_WITHIN_MS, CONNECTIONS } from '../place.js';
import { PAGE } from '../tables.js';
import type { Entities } from './entities.js';

/** The options that both are given. */
export function common({ type }: Place, { item, note }: Entities) {
  const connecting =
    type === 'postgres' ? { connectTimeoutMS: CONNECT_WITHIN_MS } : { connectTimeout: CONNECT_WITHIN_MS };
  const entities: EntitySchema[] = [item, note];
  return { type, entities, poolSize: CONNECTIONS, logging: false as const, ...connecting };
}

/** The calls of the load; the code is the same for both. */
export function contender(dataSource: DataSource, { item, note }: Entities): Omit<Contender, 'request' | 'cluster'> {
  return {
    read: async () => {
      const [first] = await dataSource.getRepository(item).find({ order: { id: 'ASC' }, take: PAGE });
      if (first === undefined) throw new Error('the items are missing');
      return first.servedBy;
    },
    write: async (token) => void (await dataSource.getRepository(note).save({ token })),
    readBack: async (token) => {
      const found = await dataSource.getRepository(note).findOneBy({ token });
      return found === null ? undefined : found.servedBy;
    },
    close: () => dataSource.destroy(),
  };
}
