import type { RoutedDataSource } from '@sluice/typeorm';
import { Tag } from './shop.js';
import { until } from './until.js';

/** Workers that read one entity after the other until they are stopped. */
export class Readers {
  /** Reads by the port of the server that answered. */
  readonly served = new Map<number, number>();
  readonly failures: unknown[] = [];
  readonly #source: RoutedDataSource;
  readonly #workers: readonly Promise<void>[];
  #stopped = false;

  constructor(source: RoutedDataSource, workers: number) {
    this.#source = source;
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  get total(): number {
    return [...this.served.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits until so many further reads have ended. */
  async more(reads: number): Promise<void> {
    const goal = this.total + this.failures.length + reads;
    await until(`${reads} more reads`, () => this.total + this.failures.length >= goal);
  }

  /** Waits until a server has answered one more read. */
  async servedBy(port: number): Promise<void> {
    const before = this.served.get(port) ?? 0;
    await until(`the server at ${port} answers a read`, () => (this.served.get(port) ?? 0) > before);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      try {
        const [tag] = await this.#source.getRepository(Tag).find({ take: 1 });
        const port = tag?.servedBy ?? 0;
        this.served.set(port, (this.served.get(port) ?? 0) + 1);
      } catch (error) {
        this.failures.push(error);
      }
    }
  }
}
