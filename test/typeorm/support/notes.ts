import 'reflect-metadata';
import type { Relation } from 'typeorm';
import { Column, Entity, ManyToOne, OneToMany, PrimaryColumn, VirtualColumn } from 'typeorm';
import { whoSql } from './engines.js';

@Entity()
export class Note {
  @PrimaryColumn()
  id!: number;

  @Column()
  text!: string;

  @OneToMany(() => Remark, (remark) => remark.note)
  remarks!: Remark[];

  /** The port of the server that answered. */
  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}

@Entity()
export class Remark {
  @PrimaryColumn()
  id!: number;

  @ManyToOne(() => Note, (note) => note.remarks)
  note!: Relation<Note>;

  @VirtualColumn({ query: whoSql })
  servedBy!: number;
}
