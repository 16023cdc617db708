import type { Adapter } from './adapter.js';
import type { Clock } from './clock.js';
import type { Config, DatabaseOptions } from './config.js';
import { databaseOf, refuseTaken } from './config.js';
import type { Database } from './databases.js';
import { SluiceError } from './errors.js';
import type { Health } from './health/health.js';
import { numberOption } from './options.js';

export interface DrainOptions {
  /** Milliseconds given to what is under way. Default: 10000. */
  readonly deadlineMs?: number;
}

const DRAIN_MS = 10_000;

/** Which databases are in the cluster, and which of them finish what they have and get nothing new. */
export class Membership {
  readonly #clock: Clock;
  readonly #zone: string | undefined;
  readonly #adapter: Adapter;
  readonly #health: Health;
  /** Those who wait for a database to be idle. */
  readonly #draining = new Map<string, () => void>();

  constructor({ clock, zone }: Config, adapter: Adapter, health: Health) {
    this.#clock = clock;
    this.#zone = zone;
    this.#adapter = adapter;
    this.#health = health;
  }

  /** A lease of this database has ended. */
  ended({ name, load }: Database): void {
    if (this.#draining.size > 0 && load.inFlight === 0) this.#draining.get(name)?.();
  }

  async drain(database: string, options: DrainOptions = {}): Promise<boolean> {
    const deadlineMs = numberOption('deadlineMs', options.deadlineMs, { min: 0, fallback: DRAIN_MS });
    const { load, name } = this.#health.databases.named(database);
    this.#health.drain(name, 'drain');
    this.#draining.get(name)?.();
    if (load.inFlight === 0) return true;
    return new Promise((resolve) => {
      const settle = (): void => {
        cancel();
        this.#draining.delete(name);
        resolve(load.inFlight === 0);
      };
      const cancel = this.#clock.after(deadlineMs, settle);
      this.#draining.set(name, settle);
    });
  }

  /** Nobody waits for a database to be idle any more. */
  close(): void {
    for (const settle of this.#draining.values()) settle();
  }

  undrain(database: string): void {
    this.#health.drain(this.#health.databases.named(database).name, 'undrain');
  }

  async add(name: string, options: DatabaseOptions): Promise<void> {
    if (this.#adapter.add === undefined) throw fixed('added');
    refuseTaken(
      name,
      this.#health.databases.all.map((known) => known.name),
    );
    const database = databaseOf(name, options);
    await this.#adapter.add(name, options, database.role);
    this.#health.add(this.#health.databases.more(database, this.#zone));
  }

  async remove(name: string, options?: DrainOptions): Promise<boolean> {
    if (this.#adapter.remove === undefined) throw fixed('removed');
    const database = this.#health.databases.named(name);
    this.#keepPrimary(name);
    const idle = await this.drain(database.name, options);
    try {
      this.#keepPrimary(name); // it may have been promoted meanwhile
    } catch (error) {
      this.undrain(name);
      throw error;
    }
    this.#health.remove(name);
    await this.#adapter.remove(name);
    return idle;
  }

  /** @throws SluiceError `SLUICE_CONFIG` */
  #keepPrimary(name: string): void {
    if (this.#health.databases.primaries.some((primary) => primary.name !== name)) return;
    throw new SluiceError('SLUICE_CONFIG', `${name} is the only primary; add or promote another one first`);
  }
}

function fixed(what: string): SluiceError {
  return new SluiceError(
    'SLUICE_CONFIG',
    `databases cannot be ${what} at run time through this adapter; make another cluster`,
  );
}
