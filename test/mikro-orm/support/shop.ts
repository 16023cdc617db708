import { Collection, EntitySchema, type Ref } from '@mikro-orm/core';
import { whoSql } from './engines.js';

/** Entities that tell which server has answered; as schemas, which both majors of MikroORM know. */
export class Customer {
  id!: number;
  name!: string;
  orders = new Collection<Order>(this);
  servedBy!: number;
}

export class Order {
  id!: number;
  title!: string;
  paid!: number;
  version!: number;
  customer?: Ref<Customer> | null;
  lines = new Collection<Line>(this);
  tags = new Collection<Tag>(this);
  servedBy!: number;
}

export class Line {
  id!: number;
  product!: string;
  order!: Order;
  servedBy!: number;
}

export class Tag {
  id!: number;
  label!: string;
  servedBy!: number;
}

export class Audit {
  id!: number;
  what!: string;
  servedBy!: number;
}

/** An entity without a table. */
export class Sum {
  orders!: number;
  servedBy!: number;
}

const id = { type: 'integer', primary: true, autoincrement: true } as const;
const text = { type: 'string' } as const;
/** The port of the server that answered. */
const servedBy = { type: 'integer', formula: () => `(${whoSql()})`, persist: false } as const;

const define = (options: object): EntitySchema => new EntitySchema(options as never);

export const SHOP: EntitySchema[] = [
  define({
    class: Customer,
    properties: { id, name: text, orders: { kind: '1:m', entity: () => Order, mappedBy: 'customer' }, servedBy },
  }),
  define({
    class: Order,
    tableName: 'orders',
    properties: {
      id,
      title: text,
      paid: { type: 'integer', default: 0 },
      version: { type: 'integer', version: true },
      customer: { kind: 'm:1', entity: () => Customer, ref: true, nullable: true },
      lines: { kind: '1:m', entity: () => Line, mappedBy: 'order' },
      tags: { kind: 'm:n', entity: () => Tag, pivotTable: 'order_tags' },
      servedBy,
    },
  }),
  define({ class: Line, properties: { id, product: text, order: { kind: 'm:1', entity: () => Order }, servedBy } }),
  define({ class: Tag, properties: { id, label: text, servedBy } }),
  define({ class: Audit, properties: { id, what: text, servedBy } }),
  define({
    class: Sum,
    expression: () => `select count(*) as orders, (${whoSql()}) as served_by from orders`,
    properties: { orders: { type: 'integer' }, servedBy: { type: 'integer', fieldName: 'served_by' } },
  }),
];
