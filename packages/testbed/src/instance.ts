import { rmSync } from 'node:fs';

import { Daemon } from './daemon.js';
import type { Engine, Surroundings } from './engine.js';
import type { Place } from './place.js';
import { TestbedError } from './errors.js';
import type { Session, SessionOptions } from './session.js';
import { unpack } from './template.js';
import { until } from './until.js';

export type ServerState = 'running' | 'frozen' | 'stopped';

/** One server's process and data folder. It knows nothing of the other servers. */
export class Instance {
  readonly engine: Engine;
  readonly #archive: string;
  #place: Place;
  #daemon: Daemon | undefined;
  #frozen = false;
  #folderIsReady = false;

  constructor(parts: { engine: Engine; archive: string; place: Place }) {
    this.engine = parts.engine;
    this.#archive = parts.archive;
    this.#place = parts.place;
  }

  get place(): Place {
    return this.#place;
  }

  get name(): string {
    return this.#place.name;
  }

  get state(): ServerState {
    if (this.#daemon === undefined || this.#daemon.ended !== undefined) return 'stopped';
    return this.#frozen ? 'frozen' : 'running';
  }

  /** Resolves when the server serves. */
  async start(surroundings: Surroundings): Promise<void> {
    const { folder } = this.#place;
    if (!this.#folderIsReady) {
      rmSync(folder, { recursive: true, force: true });
      await unpack(this.#archive, folder);
      this.#folderIsReady = true;
    }
    await this.engine.prepare(this.#place, surroundings);
    const launch = this.engine.launch(this.#place, surroundings);
    const daemon = new Daemon({ ...launch, cwd: folder, log: `${folder}.log` });
    this.#daemon = daemon;
    this.#frozen = false;
    const serves = async (): Promise<boolean> => {
      if (daemon.ended === undefined)
        return await this.ask((session) => this.engine.isReady(session), { timeoutMs: 2_000 });
      const how = `${this.name} (${this.engine.name}) did not start (${daemon.ended})`;
      throw new TestbedError('TESTBED_START', `${how}:\n${daemon.lastWords}`);
    };
    await until(serves, { what: `${this.name} serves` });
  }

  /** The next start begins with an empty data folder and under another number. */
  forget(): void {
    this.#folderIsReady = false;
    this.#place = { ...this.#place, id: this.#place.id + 100 };
  }

  async session(options?: SessionOptions): Promise<Session> {
    this.mustNotBeStopped();
    return await this.engine.connect(this.#place, options);
  }

  /** One question to the server, on a connection of its own. */
  async ask<T>(question: (session: Session) => Promise<T>, options?: SessionOptions): Promise<T> {
    const session = await this.session(options);
    try {
      return await question(session);
    } finally {
      session.close();
    }
  }

  mustNotBeStopped(): void {
    if (this.state !== 'stopped') return;
    throw new TestbedError('TESTBED_STOPPED', `${this.name} is stopped: restart() it first`);
  }

  async kill(): Promise<void> {
    await this.#daemon?.kill();
    await this.engine.clearAfterKill(this.#place);
  }

  async freeze(): Promise<void> {
    this.mustNotBeStopped();
    await this.#daemon?.freeze();
    this.#frozen = true;
  }

  thaw(): void {
    this.#daemon?.thaw();
    this.#frozen = false;
  }

  async stop(): Promise<void> {
    await this.#daemon?.end({ signal: this.engine.endSignal, patienceMs: 20_000 });
  }

  /** As `stop()`, but nobody will read the data folder again. */
  async tearDown(): Promise<void> {
    await this.#daemon?.end({ signal: this.engine.tearDownSignal, patienceMs: 1_000 });
  }
}
