import type { Clock } from '../../src/clock.js';
import { Chance } from './chance.js';

interface Event {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * A clock that jumps from event to event. As in an event loop, timers that are due come before what the network has
 * brought, so that a process that stood still sees its timers first.
 */
export class SimulationClock implements Clock {
  readonly #chance: Chance;
  readonly #timers = new Queue();
  readonly #network = new Queue();
  #now = 0;
  /** When it happened what is being heard of; servers do not stand still with the process. */
  #happenedAt: number | undefined;
  /** All that the network had brought by then is heard of before any timer, as in one round of an event loop. */
  #polledAt = -Infinity;
  #pending = 0;
  #stoodStillMs = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
  }

  now(): number {
    return this.#now;
  }

  waited(): number {
    return this.#now - this.#stoodStillMs;
  }

  epoch(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  random(): number {
    return this.#chance.next();
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = this.#timers.add(this.#now + delayMs, callback);
    this.#pending += 1;
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      this.#pending -= 1;
    };
  }

  /** Something that the world does, not the process: a packet that arrives, a server that finishes. */
  later(delayMs: number, callback: () => void): void {
    this.#network.add((this.#happenedAt ?? this.#now) + delayMs, callback);
  }

  /** Timers of the process that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending;
  }

  /** The process stands still: time passes, and nothing is heard of. */
  stall(ms: number): void {
    this.#now += ms;
    this.#stoodStillMs += ms;
  }

  /** Lets everything happen until then. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      const next = this.#next(untilMs);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      const { callback } = next;
      if (callback === undefined) continue;
      next.callback = undefined;
      this.#happenedAt = next.at;
      callback();
      this.#happenedAt = undefined;
      await settled();
    }
    this.#now = Math.max(this.#now, untilMs);
  }

  #next(untilMs: number): Event | undefined {
    const [timer, packet] = [this.#timers.first, this.#network.first];
    if (packet !== undefined && packet.at <= this.#polledAt) return this.#network.take();
    const timerAt = Math.max(timer?.at ?? Infinity, this.#now);
    const packetAt = Math.max(packet?.at ?? Infinity, this.#now);
    if (Math.min(timerAt, packetAt) > untilMs) return undefined;
    if (timerAt > packetAt) {
      this.#polledAt = packetAt;
      return this.#network.take();
    }
    const taken = this.#timers.take();
    if (taken?.callback !== undefined) this.#pending -= 1;
    return taken;
  }
}

/** Lets all promises that are ready run, and those that they make ready: ticks come after them. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** A heap of events, the earliest first; of two at one time the one that was added first. */
class Queue {
  readonly #heap: Event[] = [];
  #added = 0;

  get first(): Event | undefined {
    return this.#heap[0];
  }

  add(at: number, callback: () => void): Event {
    const event: Event = { at, order: this.#added, callback };
    this.#added += 1;
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
    return event;
  }

  take(): Event | undefined {
    const heap = this.#heap;
    const taken = heap[0];
    const last = heap.pop();
    if (taken === undefined || last === undefined || heap.length === 0) return taken;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let least = heap[child];
      const right = heap[child + 1];
      if (least !== undefined && right !== undefined && before(right, least)) {
        least = right;
        child += 1;
      }
      if (least === undefined || before(last, least)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
    return taken;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
