import { RoutedDataSource, runInSession } from '@sluice/typeorm';
import type { Contender } from '../contenders.js';
import type { Place } from '../place.js';
import { USER } from '../place.js';
import { routingOf } from '../routing.js';
import { common, contender } from './contender.js';
import { entitiesOf } from './entities.js';

export async function openSluice(place: Place): Promise<Contender> {
  const entities = entitiesOf(place.type);
  const options = { ...common(place, entities), ...USER };
  const dataSource = new RoutedDataSource(options, routingOf(place));
  await dataSource.initialize();
  const { cluster } = dataSource;
  return { ...contender(dataSource, entities), request: (work) => runInSession(work), cluster };
}
