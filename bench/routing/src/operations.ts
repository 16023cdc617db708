import type { DataSource } from 'typeorm';
import { EntitySchema } from 'typeorm';

interface Item {
  readonly id: number;
  readonly title: string;
  readonly price: number;
}

/** The one table of the benchmark. */
export const ITEM = new EntitySchema<Item>({
  name: 'Item',
  tableName: 'item',
  columns: {
    id: { type: Number, primary: true, generated: true },
    title: { type: String },
    price: { type: Number },
  },
});

/** The calls that are measured. */
export const OPERATIONS = {
  findOneBy: (dataSource: DataSource) => dataSource.getRepository(ITEM).findOneBy({ id: 1 }),
  query: (dataSource: DataSource) => dataSource.query('SELECT 1'),
  insert: (dataSource: DataSource) => dataSource.getRepository(ITEM).insert({ title: 'a thing', price: 3 }),
} as const;

export type OperationName = keyof typeof OPERATIONS;
