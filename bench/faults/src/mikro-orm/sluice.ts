import { MikroORM } from '@mikro-orm/core';
import { clusterOf, routed, runInSession } from '@sluice/mikro-orm';
import type { Contender } from '../contenders.js';
import type { Place } from '../place.js';
import { routingOf } from '../routing.js';
import { common, contender, DRIVERS } from './contender.js';
import { entitiesOf } from './entities.js';

export async function openSluice(place: Place): Promise<Contender> {
  const entities = entitiesOf(place.type);
  const orm = await MikroORM.init({
    ...common(place, entities),
    driver: routed(DRIVERS[place.type], routingOf(place)),
  });
  return { ...contender(orm, entities), request: (work) => runInSession(work), cluster: clusterOf(orm) };
}
