import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Contender } from '../contenders.js';
import type { Place } from '../place.js';
import { USER } from '../place.js';
import { common, contender } from './contender.js';
import { entitiesOf } from './entities.js';

export async function openStock(place: Place): Promise<Contender> {
  const entities = entitiesOf(place.type);
  const [master, ...slaves] = Object.values(place.databases).map((address) => ({ ...address, ...USER }));
  const options = { ...common(place, entities), replication: { master, slaves, defaultMode: 'slave' } };
  const dataSource = await new DataSource(options as DataSourceOptions).initialize();
  return { ...contender(dataSource, entities), request: (work) => work() };
}
