import { createServer, type Server as Listener, type Socket } from 'node:net';

import { TestbedError } from '../errors.js';
import { freePorts, releasePorts } from '../free-ports.js';
import { type Direction, noFaults } from './faults.js';
import { Relay } from './relay.js';

export interface ProxyTarget {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
}

const DIRECTIONS: readonly Direction[] = ['up', 'down'];

/** A network on loopback between a client and a database, which goes wrong on demand. */
export class FaultProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #target: Required<ProxyTarget>;
  readonly #faults = noFaults();
  readonly #relays = new Set<Relay>();
  #listener: Listener | undefined;
  #resetsNew = false;
  #cut: { readonly bytes: number; readonly direction: Direction } | undefined;

  /** @internal */
  constructor(port: number, { host = '127.0.0.1', port: targetPort }: ProxyTarget) {
    this.port = port;
    this.#target = { host, port: targetPort };
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#relays.size;
  }

  /**
   * Everything arrives this much later, plus up to `jitterMs` at random, in each direction: one round trip takes at least
   * twice as long. Open and new connections; what is under way keeps its time. 0 ends it.
   */
  latency(ms: number, jitterMs = 0): void {
    this.#faults.latencyMs = ms;
    this.#faults.jitterMs = jitterMs;
  }

  /** New connections get ECONNREFUSED, as from a server that is down. Open ones live on. */
  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    listener.close(); // its callback would wait for the open connections
    await new Promise((closed) => setImmediate(closed));
  }

  /** Ends `refuse()` and `resetNew()`. */
  async accept(): Promise<void> {
    this.#resetsNew = false;
    if (this.#listener !== undefined) return;
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#admit(client));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ port: this.port, host: this.host }, resolve);
    });
    listener.unref(); // a proxy that nobody stopped must not keep the process alive
    this.#listener = listener;
  }

  /** Every open connection gets ECONNRESET, once. New ones are served. */
  reset(): void {
    for (const relay of this.#relays) relay.reset();
  }

  /** New connections are accepted and reset at once, as by a balancer without a server. Open ones live on. */
  resetNew(): void {
    this.#resetsNew = true;
  }

  /**
   * Nothing arrives any more and nobody is told, as with a network that is cut: `up` loses what clients send, `down` what
   * the database answers. Open and new connections; a new one is accepted and then hears nothing. What was sent waits,
   * and arrives after `restore()`.
   */
  blackHole(direction: Direction | 'both' = 'both'): void {
    this.#faults.blackHole.clear();
    for (const each of direction === 'both' ? DIRECTIONS : [direction]) this.#faults.blackHole.add(each);
  }

  /**
   * Resets every connection after this many further bytes: in the middle of an answer (`down`, the default) or of what a
   * client sends (`up`). Open connections count from now, new ones from their beginning.
   */
  cutAfter(bytes: number, direction: Direction = 'down'): void {
    if (!(bytes > 0)) throw new TestbedError('TESTBED_OPTION', `cutAfter: bytes must be above 0; got ${bytes}`);
    this.#cut = { bytes, direction };
    for (const relay of this.#relays) relay.cutAfter(bytes, direction);
  }

  /** Everything passes again, what a black hole has kept first. */
  async restore(): Promise<void> {
    this.latency(0);
    this.#faults.blackHole.clear();
    this.#cut = undefined;
    for (const relay of this.#relays) {
      for (const direction of DIRECTIONS) relay.cutAfter(Infinity, direction);
      relay.flow();
    }
    await this.accept();
  }

  /** Resets every connection and gives the port back. */
  async stop(): Promise<void> {
    await this.refuse();
    this.reset();
    await Promise.all([...this.#relays].map((relay) => relay.closed));
    releasePorts([this.port]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #admit(client: Socket): void {
    client.on('error', () => {}); // a client that resets: the lane passes it on
    if (this.#resetsNew) return void client.resetAndDestroy();
    const relay = new Relay(client, this.#target, this.#faults);
    if (this.#cut) relay.cutAfter(this.#cut.bytes, this.#cut.direction);
    this.#relays.add(relay);
    void relay.closed.then(() => this.#relays.delete(relay));
  }
}

/** Starts a proxy in front of a server: point the client at its `port`. */
export async function faultProxy(target: ProxyTarget): Promise<FaultProxy> {
  for (;;) {
    const [port] = await freePorts(1);
    const proxy = new FaultProxy(port as number, target);
    try {
      await proxy.accept();
      return proxy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
