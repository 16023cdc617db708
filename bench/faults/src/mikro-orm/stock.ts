import { MikroORM } from '@mikro-orm/core';
import type { Contender } from '../contenders.js';
import type { Place } from '../place.js';
import { common, contender, DRIVERS } from './contender.js';
import { entitiesOf } from './entities.js';

export async function openStock(place: Place): Promise<Contender> {
  const entities = entitiesOf(place.type);
  const [primary, ...others] = Object.entries(place.databases);
  const replicas = others.map(([name, address]) => ({ name, ...address }));
  const orm = await MikroORM.init({
    ...common(place, entities),
    driver: DRIVERS[place.type],
    ...primary?.[1],
    replicas,
  });
  return { ...contender(orm, entities), request: (work) => work() };
}
