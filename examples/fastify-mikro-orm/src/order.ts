import { defineEntity, p } from '@mikro-orm/core';

export const Order = defineEntity({
  name: 'Order',
  properties: {
    id: p.integer().primary().autoincrement(),
    title: p.string(),
    /** The port of the server that answered, to see it. */
    servedBy: p.integer().formula('(SELECT @@port)').persist(false),
  },
});
