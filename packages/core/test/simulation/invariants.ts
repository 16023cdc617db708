import type { Cluster } from '../../src/cluster.js';
import type { Database } from '../../src/databases.js';
import { serves } from '../../src/databases.js';
import { isSluiceError } from '../../src/errors.js';
import type { Lease } from '../../src/lease.js';
import type { SimulationClock } from './clock.js';
import type { Server } from './server.js';

/** What must hold whatever happens. */
export type Invariant =
  | 'no statement of a transaction leaves its database'
  | 'no write on a replica'
  | 'no read on a database known to be down while another was readable'
  | 'a write is never executed twice'
  | 'an acknowledged write was executed'
  | 'a write that surely failed was not executed'
  | 'reads fail only when nothing could serve them'
  | 'writes fail only when the primary could not serve them'
  | 'no read waits for a database that does not answer'
  | 'no late reply is delivered'
  | 'only a plain read is given up'
  | 'nobody who is well is condemned'
  | 'pinned reads are never stale'
  | 'nothing is left behind'
  | 'all is well in the end';

export interface Violation {
  readonly invariant: Invariant;
  readonly at: number;
  readonly what: string;
}

/** For so long after its trouble has ended a server may still be avoided, or known as what it was. Milliseconds. */
const AFTERMATH_MS = 6_000;
/** A statement that came so long after the last trouble finds idle connections that work. */
const QUIET_MS = 500;
/** A check that was due, the look after it, and opening a connection for that. Milliseconds. */
const SLOWEST_MS = 1_500;

/** Watches over a cluster from the outside, knowing what its servers really are. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #clock: SimulationClock;
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #executed = new Map<string, number>();
  /** Writes of which their callers were told that they had no effect. */
  readonly #failed = new Set<string>();

  constructor(clock: SimulationClock, servers: ReadonlyMap<string, Server>) {
    this.#clock = clock;
    this.#servers = servers;
  }

  violated(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, at: Math.round(this.#clock.now()), what });
  }

  /** A statement was given a database. */
  routed(cluster: Cluster, { route, intent }: Lease, pinned: boolean): void {
    const database = cluster.databases.named(route.database.name);
    const { considered } = route;
    if (intent === 'write' && database.role !== 'primary') {
      this.violated('no write on a replica', `a write was sent to ${database.name}`);
    }
    if (intent === 'write' || pinned || serves(database) || database.health === 'lagging') return;
    const better = ({ name, health }: Database): boolean =>
      !considered.includes(name) && (health === 'up' || health === 'suspect') && name !== database.name;
    const other = cluster.databases.all.find(better);
    if (other !== undefined) {
      this.violated(
        'no read on a database known to be down while another was readable',
        `${database.name} is ${database.health}, ${other.name} is ${other.health}`,
      );
    }
  }

  /** A server has done a write. */
  executed(id: string, server: Server): void {
    const times = (this.#executed.get(id) ?? 0) + 1;
    this.#executed.set(id, times);
    if (this.#failed.has(id)) this.violated('a write that surely failed was not executed', `${id} was, later`);
    if (times > 1) this.violated('a write is never executed twice', `${id} was, on ${server.name} at last`);
    if (server.source !== undefined) this.violated('no write on a replica', `${server.name} has executed ${id}`);
  }

  acknowledged(id: string): void {
    if (!this.#executed.has(id)) this.violated('an acknowledged write was executed', `${id} was not`);
  }

  /** A write has failed; `primary` is who really was one, if it was the same all the time. */
  writeFailed(id: string, error: unknown, startedAt: number, primary: Server | undefined): void {
    if (isSluiceError(error, 'SLUICE_OUTCOME_UNKNOWN')) return;
    this.#failed.add(id);
    if (this.#executed.has(id)) {
      this.violated('a write that surely failed was not executed', `${id} failed with ${String(error)}`);
    }
    if (primary?.wellSince(startedAt - AFTERMATH_MS) === true) {
      this.violated(
        'writes fail only when the primary could not serve them',
        `${id} failed with ${String(error)}, but ${primary.name} was well`,
      );
    }
  }

  /** A read was answered by this attempt, counted from 1, after so long. */
  readServed(startedAt: number, attempts: number, could: readonly Server[]): void {
    const tookMs = this.#clock.now() - startedAt;
    if (tookMs <= SLOWEST_MS * attempts || !could.some((server) => server.wellSince(startedAt - QUIET_MS))) return;
    this.violated('no read waits for a database that does not answer', `one waited for ${Math.round(tookMs)} ms`);
  }

  /** A read has failed that one of these servers may have served; `known`: if the cluster knew of its being well. */
  readFailed(error: unknown, startedAt: number, could: readonly Server[], known: boolean): void {
    const well = could.find((server) => server.wellSince(startedAt - (known ? AFTERMATH_MS : QUIET_MS)));
    if (well === undefined) return;
    this.violated('reads fail only when nothing could serve them', `${String(error)}, but ${well.name} was well`);
  }

  /** The cluster takes a database for down. */
  condemned(name: string, reason: string): void {
    if (this.#servers.get(name)?.wellSince(this.#clock.now() - AFTERMATH_MS) === true) {
      this.violated('nobody who is well is condemned', `${name} is down: ${reason}`);
    }
  }
}
