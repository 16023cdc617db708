import { EntitySchema } from 'typeorm';
import type { EngineName } from '../place.js';
import { WHO } from '../tables.js';

interface Item {
  readonly id: number;
  readonly title: string;
  readonly servedBy: number;
}

interface Note {
  readonly id: number;
  readonly token: string;
  readonly servedBy: number;
}

export interface Entities {
  readonly item: EntitySchema<Item>;
  readonly note: EntitySchema<Note>;
}

export function entitiesOf(engine: EngineName): Entities {
  const servedBy = { type: Number, virtualProperty: true, query: () => `SELECT ${WHO[engine]}` } as const;
  return {
    item: new EntitySchema<Item>({
      name: 'Item',
      tableName: 'item',
      columns: { id: { type: Number, primary: true }, title: { type: String }, servedBy },
    }),
    note: new EntitySchema<Note>({
      name: 'Note',
      tableName: 'note',
      columns: { id: { type: Number, primary: true, generated: true }, token: { type: String }, servedBy },
    }),
  };
}
