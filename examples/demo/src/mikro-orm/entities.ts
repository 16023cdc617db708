import { defineEntity, p } from '@mikro-orm/core';

/** Lets a row say which server answered: its port. */
const servedBy = () => p.integer().formula('(SELECT inet_server_port())').persist(false);

export const Product = defineEntity({
  name: 'Product',
  properties: { id: p.integer().primary().autoincrement(), name: p.string(), servedBy: servedBy() },
});

export const Order = defineEntity({
  name: 'Order',
  properties: {
    id: p.integer().primary().autoincrement(),
    title: p.string(),
    /** MikroORM raises it with each change. */
    version: p.integer().version(),
    customer: () => p.manyToOne(Customer),
  },
});

export const Customer = defineEntity({
  name: 'Customer',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string(),
    orders: () => p.oneToMany(Order).mappedBy('customer'),
    servedBy: servedBy(),
  },
});

export const ENTITIES = [Product, Customer, Order];
