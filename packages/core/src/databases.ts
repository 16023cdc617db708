import { SluiceError } from './errors.js';
import { Load } from './load.js';

export type Role = 'primary' | 'replica';

/**
 * - `up`: serves
 * - `suspect`: serves, and is being looked at, as something failed there
 * - `down`: does not answer
 * - `recovering`: answers again, and has not caught up yet
 * - `warming`: serves again, with a share of the reads that grows
 * - `lagging`: answers, and is further behind than `maxLagMs`
 * - `draining`: finishes what it has, and gets nothing new
 */
export type Health = 'up' | 'suspect' | 'down' | 'recovering' | 'warming' | 'lagging' | 'draining';

/** One named server as it was last seen. */
export interface Database {
  readonly name: string;
  /** Its role now; a promotion changes it. */
  readonly role: Role;
  /** Share of the reads among its equals, for every strategy. 0: only when nothing else is left. Default: 1. */
  readonly weight: number;
  /** Where it runs; undefined: not said. */
  readonly zone: string | undefined;
  /** Whether it runs in the zone of this process. Strategies choose among these while there is one. */
  readonly near: boolean;
  readonly health: Health;
  /** Milliseconds behind the primary at the last check; undefined: not known, or it is the primary. */
  readonly lagMs: number | undefined;
  /** Live gauges, for strategies such as `leastBusy()`. */
  readonly load: Load;
}

/** What the configuration says of a database. */
export interface GivenDatabase {
  readonly name: string;
  readonly role: Role;
  readonly weight: number;
  readonly zone?: string | undefined;
}

/**
 * All databases of a cluster as last seen. A picture never changes: what is learnt makes a new one, so a router
 * always decides on one consistent state.
 */
export class Databases {
  readonly all: readonly Database[];
  readonly primaries: readonly Database[];
  readonly replicas: readonly Database[];
  /** The database named `default`, else the first primary. */
  readonly default: Database;
  /**
   * What may serve a read now, primaries included. Of replicas that are all behind, the least lagging stays; one that
   * is not caught up, drained or down is there only when nothing better is left.
   */
  readonly readable: readonly Database[];
  /** The replicas among `readable`. */
  readonly readableReplicas: readonly Database[];
  /** The primaries that may serve a write now, by the same rule. */
  readonly writable: readonly Database[];
  /** Whether a database among `readable` is to get less than its share. */
  readonly isWarming: boolean;
  readonly #byName: ReadonlyMap<string, Database>;

  private constructor(
    all: readonly Database[],
    primary: Database,
    candidates: { readonly readable: readonly Database[]; readonly writable: readonly Database[] },
  ) {
    this.all = all;
    this.primaries = all.filter((database) => database.role === 'primary');
    this.replicas = all.filter((database) => database.role === 'replica');
    this.#byName = new Map(all.map((database) => [database.name, database]));
    this.default = primary;
    this.readable = candidates.readable;
    this.readableReplicas = candidates.readable.filter((database) => database.role === 'replica');
    this.writable = candidates.writable;
    this.isWarming = candidates.readable.some(({ health }) => health === 'warming');
  }

  /** Of at least one primary, as seen from a zone; the caller has checked the names. */
  static of(given: readonly GivenDatabase[], from?: string): Databases {
    return Databases.#over(
      given.map((database) => fresh(database, from)),
      [],
    );
  }

  static #over(all: readonly Database[], tried: readonly string[]): Databases {
    const primaries = all.filter((database) => database.role === 'primary');
    const primary = primaries.find((database) => database.name === 'default') ?? primaries[0];
    if (primary === undefined) throw new TypeError('a cluster has at least one primary');
    return new Databases(all, primary, { readable: readable(all, tried), writable: best(primaries, tried) });
  }

  get(name: string): Database | undefined {
    return this.#byName.get(name);
  }

  /** @throws SluiceError `SLUICE_UNKNOWN_DATABASE` */
  named(name: string): Database {
    const database = this.get(name);
    if (database !== undefined) return database;
    throw new SluiceError(
      'SLUICE_UNKNOWN_DATABASE',
      `no database is named ${JSON.stringify(name)}; this cluster has ${this.all.map((known) => known.name).join(', ')}`,
    );
  }

  /** This picture with what was learnt of one database; the same object if nothing changed. */
  observe(name: string, seen: Partial<Pick<Database, 'role' | 'health' | 'lagMs'>>): Databases {
    const before = this.get(name);
    if (before === undefined) return this;
    const { role = before.role, health = before.health, lagMs = 'lagMs' in seen ? undefined : before.lagMs } = seen;
    if (before.role === role && before.health === health && before.lagMs === lagMs) return this;
    return Databases.#over(
      this.all.map((database) => (database === before ? { ...before, role, health, lagMs } : database)),
      [],
    );
  }

  /** This picture with exactly these primaries, of which there is at least one; the same object if nothing changed. */
  appoint(primaries: readonly string[]): Databases {
    const roleOf = ({ name }: Database): Role => (primaries.includes(name) ? 'primary' : 'replica');
    if (this.all.every((database) => database.role === roleOf(database))) return this;
    return Databases.#over(
      this.all.map((database) => ({ ...database, role: roleOf(database) })),
      [],
    );
  }

  /** The same picture for a statement that has tried these databases already. */
  without(tried: readonly string[]): Databases {
    return Databases.#over(this.all, tried);
  }

  /** This picture without the databases that `admit` turns away, unless nothing of their kind would be left. */
  admitting(admit: (database: Database) => boolean): Databases {
    const admitted = this.readable.filter(admit);
    if (admitted.length === this.readable.length) return this;
    const replicaLeft = this.readableReplicas.length === 0 || admitted.some(({ role }) => role === 'replica');
    if (admitted.length === 0 || !replicaLeft) return this;
    return new Databases(this.all, this.default, { readable: admitted, writable: this.writable });
  }

  /** This picture with one more database, as seen from a zone; the caller has checked its name. */
  more(database: GivenDatabase, from?: string): Databases {
    return Databases.#over([...this.all, fresh(database, from)], []);
  }

  /** This picture without this database, which is not the last primary. */
  less(name: string): Databases {
    return Databases.#over(
      this.all.filter((database) => database.name !== name),
      [],
    );
  }

  /** The same picture, with nothing to choose from but what `keep` holds for. */
  filter(keep: (database: Database) => boolean): Databases {
    return new Databases(this.all, this.default, {
      readable: this.readable.filter(keep),
      writable: this.writable.filter(keep),
    });
  }
}

function fresh({ name, role, weight, zone }: GivenDatabase, from: string | undefined): Database {
  const near = zone !== undefined && zone === from;
  return { name, role, weight, zone, near, health: 'up', lagMs: undefined, load: new Load() };
}

/** Whether it serves as it should, so that what is asked for by name may be sent there. */
export function serves({ health }: Database): boolean {
  return RANKS[health] === 0;
}

/** From what serves to what is better than nothing. */
const RANKS: Readonly<Record<Health, number>> = {
  up: 0,
  suspect: 0,
  warming: 0,
  lagging: 1,
  recovering: 2,
  draining: 3,
  down: 4,
};

/** Of those that were not tried, the ones of the best rank that there is. */
function best(databases: readonly Database[], tried: readonly string[]): readonly Database[] {
  const left = tried.length === 0 ? databases : databases.filter(({ name }) => !tried.includes(name));
  const rank = Math.min(...left.map(({ health }) => RANKS[health]));
  return left.filter(({ health }) => RANKS[health] === rank);
}

function readable(all: readonly Database[], tried: readonly string[]): readonly Database[] {
  const found = best(all, tried);
  if (found.some(({ role }) => role === 'replica')) return found[0]?.health === 'lagging' ? leastLagging(found) : found;
  // the last replica stays, however far it is behind, lest all of their load falls on the primary
  const behind = all.filter(
    ({ role, health, name }) => role === 'replica' && health === 'lagging' && !tried.includes(name),
  );
  return [...found, ...leastLagging(behind)];
}

/** One of several that are all behind, and with it whatever is as near. */
function leastLagging(lagging: readonly Database[]): readonly Database[] {
  const least = Math.min(...lagging.map(({ lagMs }) => lagMs ?? Infinity));
  return lagging.filter(({ lagMs }) => (lagMs ?? Infinity) <= least);
}
