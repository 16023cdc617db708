import type { Cluster } from '../../cluster.js';
import type { RoutingOptions } from '../../config.js';

/** The servers beneath an ORM; a name is that of a database: `default`, `replica-1`, `replica-2`. */
export interface Servers {
  /** The server is gone at once, and its port refuses. */
  kill(name: string): Promise<void>;
  /** It is back, and has replayed what the primary wrote meanwhile. */
  restart(name: string): Promise<void>;
  /** A replica keeps answering, and its rows grow old. */
  pauseReplay(name: string): Promise<void>;
  resumeReplay(name: string): Promise<void>;
  /** Every replica that is not paused has what the primary has. */
  caughtUp(): Promise<void>;
}

/** What a read found, and the name of the database that said so. */
export interface Answer {
  readonly by: string;
  /** The note's text; undefined: there is no such note. */
  readonly text: string | undefined;
}

/** What may be done with notes, inside a transaction and out of it. A note has an id and a text. */
export interface Notes {
  read(id: number): Promise<Answer>;
  /** Makes a note, or gives it another text. */
  write(id: number, text: string): Promise<void>;
  /** A read with a lock of its own, in a transaction of its own if there is none. */
  lockingRead(id: number): Promise<Answer>;
  /** Raw SQL that reads. */
  raw(): Promise<Pick<Answer, 'by'>>;
}

/** An ORM over three databases, each of which can say who it is. */
export interface Orm extends Notes {
  readonly cluster: Cluster;
  /** A note and its children, loaded by two statements: who answered each. */
  readWithChildren(id: number): Promise<readonly string[]>;
  /** A page of notes and their count in one call of the ORM: who answered. */
  page(): Promise<readonly string[]>;
  /** The first row of a stream of notes. */
  stream(): Promise<Pick<Answer, 'by'>>;
  /** A write that matches no row. */
  writeNothing(): Promise<void>;
  transaction<T>(work: (notes: Notes) => Promise<T>): Promise<T>;
  /** A transaction that is declared read only. */
  readTransaction<T>(work: (notes: Notes) => Promise<T>): Promise<T>;
  /** A read that takes its time on the server, and is on its way when `started` is called. */
  slowRead(started: () => void): Promise<Pick<Answer, 'by'>>;
  /** A read that the server rejects, as no table has that name. */
  failingRead(): Promise<unknown>;
  /** Makes a query builder now, and runs it when the answer is called. */
  builder(id: number): () => Promise<Answer>;
  close(): Promise<void>;
}

/** What an ORM may lack. */
export type Capability = 'stream' | 'readTransaction';

/** Some thirty lines that put an ORM under the specs. */
export interface Rig {
  readonly servers: Servers;
  /** An ORM over `default`, `replica-1` and `replica-2`, not sharing connections with any other. */
  open(options: RoutingOptions): Promise<Orm>;
}
