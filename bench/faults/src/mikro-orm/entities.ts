import { defineEntity, p } from '@mikro-orm/core';
import type { EngineName } from '../place.js';
import { WHO } from '../tables.js';

export function entitiesOf(engine: EngineName) {
  const servedBy = () => p.integer().formula(`(SELECT ${WHO[engine]})`).persist(false);
  return {
    item: defineEntity({
      name: 'Item',
      tableName: 'item',
      properties: { id: p.integer().primary(), title: p.string(), servedBy: servedBy() },
    }),
    note: defineEntity({
      name: 'Note',
      tableName: 'note',
      properties: { id: p.integer().primary().autoincrement(), token: p.string(), servedBy: servedBy() },
    }),
  };
}

export type Entities = ReturnType<typeof entitiesOf>;
