import { until } from '../../typeorm/support/until.js';
import type { Routed } from './routed.js';

interface Event {
  readonly at: number;
  readonly text: string;
}

/** What a cluster tells from now on, a line for each event: `health replica-1 down`, `primary replica-1 promoted`, … */
export class Told {
  readonly #events: Event[] = [];

  constructor({ cluster }: Routed) {
    const note = (text: string): void => void this.#events.push({ at: performance.now(), text });
    cluster.on('health', ({ database, health }) => note(`health ${database} ${health}`));
    cluster.on('primary', ({ database, reason }) => note(`primary ${database} ${reason}`));
    cluster.on('pool', ({ database }) => note(`pool ${database}`));
    cluster.on('route', ({ database, intent }) => note(`route ${database} ${intent}`));
  }

  /** All but the routes. */
  get events(): readonly string[] {
    return this.#events.map(({ text }) => text).filter((text) => !text.startsWith('route '));
  }

  /** How many lines begin so, after then. */
  count(text: string, since = 0): number {
    return this.#events.filter((event) => event.at >= since && event.text.startsWith(text)).length;
  }

  /** Waits for such a line after then; answers how many milliseconds later it came. */
  async after(since: number, text: string): Promise<number> {
    const { at } = await until(text, () => this.#events.find((event) => event.at >= since && event.text === text));
    return at - since;
  }
}

/** One line for the log. */
export function say(engine: string, { orm }: Routed, text: string): void {
  process.stdout.write(`${engine}, ${orm}: ${text}\n`);
}
