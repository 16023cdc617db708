import 'reflect-metadata';
import { Column, Entity, PrimaryGeneratedColumn, VirtualColumn } from 'typeorm';

@Entity()
export class Order {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;

  /** The port of the server that answered, to see it. */
  @VirtualColumn({ query: () => 'SELECT inet_server_port()' })
  servedBy!: number;
}
