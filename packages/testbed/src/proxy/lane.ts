import type { Socket } from 'node:net';

import type { Direction, Faults } from './faults.js';

/** What a side sends: bytes, then an end (FIN) or a reset (RST). Ends wait in line as bytes do. */
type Freight = { readonly bytes: Buffer } | 'end' | 'reset';

/** How much may wait here before the sender has to wait, as a network's buffers would make it. */
const FULL_BYTES = 256 * 1024;

/** One direction of one connection. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #faults: Faults;
  readonly #queue: { readonly freight: Freight; readonly due: number }[] = [];
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #bytesLeft = Infinity;
  readonly #reset: () => void;

  constructor(parts: { from: Socket; to: Socket; direction: Direction; faults: Faults; reset: () => void }) {
    this.#from = parts.from;
    this.#to = parts.to;
    this.#direction = parts.direction;
    this.#faults = parts.faults;
    this.#reset = parts.reset;
    this.#from.on('data', (bytes: Buffer) => this.#take({ bytes }));
    this.#from.on('end', () => this.#take('end'));
    this.#from.on('error', () => this.#take('reset'));
    this.#to.on('drain', () => this.flow());
  }

  /** Resets the connection once this many further bytes have passed. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** Sends on what is due. Call it when the faults have changed. */
  flow(): void {
    clearTimeout(this.#timer);
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#faults.blackHole.has(this.#direction) || this.#to.writableNeedDrain) break;
      const early = next.due - performance.now();
      if (early > 0) {
        this.#timer = setTimeout(() => this.flow(), Math.ceil(early));
        break;
      }
      this.#queue.shift();
      this.#deliver(next.freight);
    }
    if (this.#waiting < FULL_BYTES) this.#from.resume();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #take(freight: Freight): void {
    const { latencyMs, jitterMs } = this.#faults;
    const due = performance.now() + latencyMs + Math.random() * jitterMs;
    this.#queue.push({ freight, due: Math.max(due, this.#queue.at(-1)?.due ?? 0) }); // bytes never overtake bytes
    if (typeof freight === 'object') this.#waiting += freight.bytes.length;
    if (this.#waiting >= FULL_BYTES) this.#from.pause();
    this.flow();
  }

  #deliver(freight: Freight): void {
    if (freight === 'reset') return this.#reset();
    if (freight === 'end') return void this.#to.end();
    this.#waiting -= freight.bytes.length;
    const bytes = freight.bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= bytes.length;
    if (this.#to.writable && bytes.length > 0) this.#to.write(bytes);
    if (this.#bytesLeft === 0) this.#reset();
  }
}
