import { connect, type Socket } from 'node:net';

import type { Direction, Faults } from './faults.js';
import { Lane } from './lane.js';

/** One client's connection and the one we made for it to the database. */
export class Relay {
  readonly #client: Socket;
  readonly #database: Socket;
  readonly #lanes: Readonly<Record<Direction, Lane>>;
  readonly closed: Promise<unknown>;

  constructor(client: Socket, target: { readonly host: string; readonly port: number }, faults: Faults) {
    const database = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const reset = (): void => this.reset();
    this.#client = client;
    this.#database = database;
    this.#lanes = {
      up: new Lane({ from: client, to: database, direction: 'up', faults, reset }),
      down: new Lane({ from: database, to: client, direction: 'down', faults, reset }),
    };
    const closing = [client, database].map((socket) => new Promise((done) => socket.once('close', done)));
    this.closed = Promise.all(closing);
  }

  /** The faults have changed. */
  flow(): void {
    this.#lanes.up.flow();
    this.#lanes.down.flow();
  }

  cutAfter(bytes: number, direction: Direction): void {
    this.#lanes[direction].cutAfter(bytes);
  }

  /** Both sides see ECONNRESET, whatever was under way. */
  reset(): void {
    for (const lane of Object.values(this.#lanes)) lane.close();
    for (const socket of [this.#client, this.#database]) socket.resetAndDestroy();
  }
}
