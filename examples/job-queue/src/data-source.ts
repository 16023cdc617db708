import { PinningReplicaRouter, RoutedDataSource, type TypeOrmDatabase } from '@sluice/typeorm';
import { Order } from './order.js';

const { DATABASES = '{ "default": {} }' } = process.env;

export const dataSource = new RoutedDataSource(
  { type: 'postgres', entities: [Order] },
  {
    databases: JSON.parse(DATABASES) as Record<string, TypeOrmDatabase>,
    router: new PinningReplicaRouter(),
  },
);
