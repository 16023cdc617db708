import type { ProbeConnection } from '../adapter.js';
import type { Engine } from '../engine.js';
import { failureOf } from '../failure.js';
import { textOf } from './blame.js';
import type { Question, Report } from './report.js';
import { questionsOf } from './report.js';

export interface ProberOptions {
  readonly database: string;
  readonly engine: Engine;
  /** Opens the connection that is reserved for checks; settles once `signal` is aborted. */
  readonly reserve: (signal: AbortSignal) => Promise<ProbeConnection>;
}

/** Asks one database what it is, over a connection of its own that is kept between the checks. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #questions: readonly Question[];
  #level = 0;
  #connection: ProbeConnection | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#questions = questionsOf(options.engine);
  }

  /** Whether it asks on a connection that is there; opening one takes longer. */
  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** One check; fails as the database does, and once `signal` is aborted. */
  async ask(signal: AbortSignal): Promise<Report> {
    const kept = this.#connection;
    if (kept === undefined) return this.#askOn(await this.#opened(signal), signal);
    try {
      return await this.#askOn(kept, signal);
    } catch (error) {
      // a connection that ended says nothing of its server, which may have restarted since
      if (signal.aborted || failureOf(this.#options.engine, error) !== 'lost') throw error;
      return await this.#askOn(await this.#opened(signal), signal);
    }
  }

  async #opened(signal: AbortSignal): Promise<ProbeConnection> {
    this.#connection = await this.#options.reserve(signal);
    return this.#connection;
  }

  async #askOn(connection: ProbeConnection, signal: AbortSignal): Promise<Report> {
    const giveUp = (): void => this.#drop(connection);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (signal.aborted) throw new Error('the check was given up');
      return await this.#asked(connection, signal);
    } catch (error) {
      this.#drop(connection);
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Gives the connection back to nobody: it is closed. */
  close(): void {
    if (this.#connection !== undefined) this.#drop(this.#connection);
  }

  async #asked(connection: ProbeConnection, signal: AbortSignal): Promise<Report> {
    for (;;) {
      const question = this.#questions[this.#level] as Question;
      try {
        const [row = {}] = await connection.query(question.sql);
        return question.read(row);
      } catch (error) {
        // a privilege or a function that this server lacks; everything else is the server's state
        if (signal.aborted || failureOf(this.#options.engine, error) !== 'application') throw error;
        if (this.#level + 1 === this.#questions.length) throw error;
        this.#level += 1;
        if (this.#level === 1) this.#warn(error);
      }
    }
  }

  #warn(error: unknown): void {
    process.emitWarning(
      `database ${this.#options.database} does not say how far it has come (${textOf(error)}); it is used without regard to its lag`,
      { code: 'SLUICE_NO_POSITION' },
    );
  }

  #drop(connection: ProbeConnection): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.close();
  }
}
