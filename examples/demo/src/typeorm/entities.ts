import 'reflect-metadata';
import type { Relation } from 'typeorm';
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn, VersionColumn, VirtualColumn } from 'typeorm';

/** Lets a row say which server answered: its port. */
const who = { query: (): string => 'SELECT inet_server_port()' };

@Entity()
export class Product {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;

  @VirtualColumn(who)
  servedBy!: number;
}

@Entity()
export class Customer {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;

  @OneToMany(() => Order, (order) => order.customer)
  orders!: Order[];

  @VirtualColumn(who)
  servedBy!: number;
}

@Entity()
export class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;

  /** TypeORM raises it with each change. */
  @VersionColumn()
  version!: number;

  @ManyToOne(() => Customer, (customer) => customer.orders)
  customer!: Relation<Customer>;
}

export const ENTITIES = [Product, Customer, Order];
