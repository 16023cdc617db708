import type { Engine } from '../../src/engine.js';
import type { Chance } from './chance.js';
import type { SimulationClock } from './clock.js';
import { Server } from './server.js';

/** The servers, and what really happens to them. */
export class World {
  readonly engine: Engine;
  readonly servers: ReadonlyMap<string, Server>;
  /** The server that really is the primary. */
  primary: Server;
  /** When another one became that. */
  promotedAt = -Infinity;
  /** Whether a server ever took its time, so that a slow answer says nothing. */
  wasSlow = false;
  /** When the process last stood still. */
  stalledAt = -Infinity;
  readonly #clock: SimulationClock;
  readonly #chance: Chance;
  readonly #delayMs: number;
  #timeline = 1;
  #changing = false;

  constructor(clock: SimulationClock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
    this.engine = chance.happens(0.5) ? 'mysql' : 'postgres';
    const privileged = chance.happens(0.9);
    const names = ['default', 'replica-1', 'replica-2', ...(chance.happens(0.3) ? ['replica-3'] : [])];
    this.servers = new Map(
      names.map((name) => [name, new Server({ name, engine: this.engine, clock, privileged })] as const),
    );
    this.primary = this.server('default');
    this.primary.writable = true;
    for (const replica of this.replicas) replica.follow(this.primary);
    this.#delayMs = chance.between(2, 60);
    for (const replica of this.replicas) replica.delayMs = this.#delayMs;
    // somebody forgot to make a replica read only; nobody could tell its promotion without its position
    const careless = this.replicas.at(-1);
    if (this.engine === 'mysql' && privileged && chance.happens(0.15) && careless !== undefined)
      careless.writable = true;
    for (const server of this.servers.values()) server.troubledAt = -Infinity;
  }

  get replicas(): readonly Server[] {
    return [...this.servers.values()].filter((server) => server !== this.primary);
  }

  server(name: string): Server {
    const server = this.servers.get(name);
    if (server === undefined) throw new Error(`no server is named ${name}`);
    return server;
  }

  /** Servers that hold what the primary holds, sooner or later. */
  get sound(): readonly Server[] {
    return [...this.servers.values()].filter((server) => server === this.primary || server.source !== undefined);
  }

  /** One fault of the servers or the process, which ends by itself after about so long. */
  fault(kind: Exclude<Fault, 'drain'>): void {
    const { servers } = this;
    const chance = this.#chance;
    const one = chance.happens(0.3) ? this.primary : chance.of([...servers.values()]);
    const replica = chance.of(this.replicas);
    if (one === undefined || replica === undefined) return;
    const ms = chance.between(200, 3_000);
    const until = (undo: () => void): void => this.#clock.later(ms, undo);
    switch (kind) {
      case 'crash':
        one.stop();
        until(() => one.start());
        return;
      case 'freeze':
        one.freeze();
        until(() => one.thaw());
        return;
      case 'slow':
        this.wasSlow = true;
        one.trouble(() => (one.slowness = chance.between(5, 30)));
        until(() => one.trouble(() => (one.slowness = 1)));
        return;
      case 'lag':
        replica.delayMs = chance.between(500, 4_000);
        until(() => (replica.delayMs = this.#delayMs));
        return;
      case 'flap':
        for (let turn = 0; turn < 4; turn += 1) {
          this.#clock.later(turn * 600, () => one.stop());
          this.#clock.later(turn * 600 + 300, () => one.start());
        }
        return;
      case 'refused':
        one.trouble(() => (one.deaf = true));
        until(() => one.trouble(() => (one.deaf = false)));
        return;
      case 'reset':
        for (let turn = 0; turn < 8; turn += 1) this.#clock.later(turn * chance.between(50, 200), () => one.reset());
        return;
      case 'overload':
        one.trouble(() => (one.full = true));
        until(() => one.trouble(() => (one.full = false)));
        return;
      case 'no-replicas':
        for (const server of this.replicas) {
          server.stop();
          until(() => server.start());
        }
        return;
      case 'switchover':
        this.#change(() => this.#switchOver(replica));
        return;
      case 'loss':
        this.#change(() => this.#lose());
        return;
      case 'stall':
        this.#stall(chance.between(20, 2_500));
        for (let turn = 1; turn < 6; turn += 1) {
          this.#clock.later(turn * chance.between(200, 600), () => this.#stall(chance.between(20, 300)));
        }
        return;
    }
  }

  /** Ends whatever is wrong still. */
  heal(): void {
    for (const server of this.servers.values()) {
      server.thaw();
      server.start();
      server.trouble(() => {
        server.slowness = 1;
        server.full = false;
        server.deaf = false;
      });
      server.delayMs = this.#delayMs;
    }
  }

  #stall(ms: number): void {
    this.stalledAt = this.#clock.now();
    this.#clock.stall(ms);
  }

  /** One at a time: who changes the primary waits until the last change is over. */
  #change(begin: () => void): void {
    if (this.#changing) return;
    this.#changing = true;
    begin();
  }

  /** The old primary turns read only, the new one catches up and is promoted, and the others follow it. */
  #switchOver(successor: Server): void {
    const old = this.primary;
    old.trouble(() => (old.writable = false));
    if (this.engine === 'postgres') old.stop();
    this.#clock.later(this.#chance.between(20, 500), () => {
      if (successor.state !== 'running') {
        if (this.engine === 'postgres') old.start();
        old.trouble(() => (old.writable = true));
        this.#changing = false;
        return;
      }
      successor.delayMs = 0;
      this.#promote(successor);
      this.#clock.later(this.#chance.between(50, 500), () => {
        old.start();
        old.follow(successor);
        this.#changing = false;
      });
    });
  }

  /** The primary is lost for good; what no replica has is lost with it. It returns as a replica, or as it was. */
  #lose(): void {
    const old = this.primary;
    old.stop();
    this.#clock.later(this.#chance.between(300, 2_500), () => {
      const successor = this.replicas.find(({ state }) => state === 'running');
      if (successor === undefined) {
        old.start();
        this.#changing = false;
        return;
      }
      this.#promote(successor);
      this.#clock.later(this.#chance.between(800, 2_000), () => {
        const careless = this.#chance.happens(0.4);
        if (!careless) old.follow(successor);
        old.start();
        // at last somebody notices
        this.#clock.later(careless ? 2_000 : 0, () => {
          old.follow(successor);
          this.#changing = false;
        });
      });
    });
  }

  #promote(successor: Server): void {
    this.#timeline += 1;
    successor.promote(this.#timeline);
    this.primary = successor;
    this.promotedAt = this.#clock.now();
    for (const other of this.replicas) if (other.source !== undefined) other.follow(successor);
  }
}

export const FAULTS = [
  'crash',
  'freeze',
  'slow',
  'lag',
  'flap',
  'refused',
  'reset',
  'overload',
  'no-replicas',
  'switchover',
  'loss',
  'stall',
  'drain',
] as const;

export type Fault = (typeof FAULTS)[number];
