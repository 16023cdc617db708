import { Collection, EntitySchema } from '@mikro-orm/core';
import { whoSql } from './engines.js';

/** What the conformance kit reads and writes. */
export class Note {
  id!: number;
  text!: string;
  remarks = new Collection<Remark>(this);
  servedBy!: number;
}

export class Remark {
  id!: number;
  note!: Note;
  servedBy!: number;
}

/** Who answers, of whatever is asked. */
export class Who {
  port!: number;
}

const id = { type: 'integer', primary: true, autoincrement: false } as const;
const servedBy = { type: 'integer', formula: () => `(${whoSql()})`, persist: false } as const;
const define = (options: object): EntitySchema => new EntitySchema(options as never);

export const NOTES: EntitySchema[] = [
  define({
    class: Note,
    properties: {
      id,
      text: { type: 'string' },
      remarks: { kind: '1:m', entity: () => Remark, mappedBy: 'note' },
      servedBy,
    },
  }),
  define({ class: Remark, properties: { id, note: { kind: 'm:1', entity: () => Note }, servedBy } }),
  define({ class: Who, expression: () => `select (${whoSql()}) as port`, properties: { port: { type: 'integer' } } }),
];
