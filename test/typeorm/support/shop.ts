import 'reflect-metadata';
import type { Relation } from 'typeorm';
import {
  BaseEntity,
  Column,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  VersionColumn,
  VirtualColumn,
} from 'typeorm';
import { whoSql } from './engines.js';

@Entity()
export class Customer extends BaseEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;

  @OneToMany(() => Order, (order) => order.customer)
  orders!: Promise<Order[]>;

  /** The port of the server that answered. */
  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

@Entity()
export class Order extends BaseEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;

  @Column({ default: 0 })
  paid!: number;

  @VersionColumn()
  version!: number;

  @ManyToOne(() => Customer, (customer) => customer.orders, { nullable: true, lazy: true })
  customer!: Promise<Relation<Customer> | null>;

  @OneToMany(() => Line, (line) => line.order, { cascade: true })
  lines!: Line[];

  @ManyToMany(() => Tag, { cascade: true })
  @JoinTable()
  tags!: Tag[];

  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

@Entity()
export class Line {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  product!: string;

  @ManyToOne(() => Order, (order) => order.lines)
  order!: Relation<Order>;

  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

@Entity()
export class Tag {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  label!: string;

  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

@Entity()
export class Audit {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  what!: string;

  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

export const SHOP = [Customer, Order, Line, Tag, Audit];
