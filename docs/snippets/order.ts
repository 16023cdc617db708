// What the examples of the documentation import from './order.js'. `npm run docs:snippets` compiles them beside it.
import { RoutedDataSource } from '@sluice/typeorm';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;
}

@Entity()
export class Audit {
  @PrimaryGeneratedColumn()
  id!: number;
}

export const dataSource = new RoutedDataSource(
  { type: 'mariadb', username: 'app', database: 'shop', entities: [Order, Audit] },
  { databases: { default: { host: 'db-1' }, 'replica-1': { host: 'db-2' } } },
);

export const orders = dataSource.getRepository(Order);
