import type { Database, Databases } from '../databases.js';
import type { Report } from './report.js';
import type { Member, Roles } from './roles.js';
import { rolesOf, sameServer } from './roles.js';
import { PrimaryTimeline } from './timeline.js';
import type { Reading } from './verdict.js';

interface Known {
  readonly configured: Database['role'];
  report: Report | undefined;
  /** Whether it has answered since it was last found down; its verdict follows only after its answer was understood. */
  answers: boolean;
  wasReadOnly: boolean;
  /** `deposed`: it was the primary, and was not seen following the new one yet. */
  standing: 'leads' | 'deposed' | 'follows';
}

/** What the servers have said of themselves: who is the primary, and how far behind the others are. */
export class Knowledge {
  readonly #known = new Map<string, Known>();
  readonly #timeline = new PrimaryTimeline();

  add({ name, role }: Database): void {
    const standing = role === 'primary' ? 'leads' : 'follows';
    this.#known.set(name, { configured: role, report: undefined, answers: false, wasReadOnly: false, standing });
  }

  remove(database: string): void {
    this.#known.delete(database);
  }

  /** A database has answered; `askedAt` is when it was asked. */
  learn(database: string, report: Report, askedAt: number, role: Database['role'] | undefined): void {
    const known = this.#known.get(database);
    if (known === undefined) return;
    known.report = report;
    known.answers = true;
    if (report.writable === false && report.replicating !== false && known.standing === 'deposed') {
      known.standing = 'follows';
    }
    // a primary of before that only stood by lacks what was written since: taking writes again is no promotion
    if (report.writable === false && known.standing !== 'deposed') known.wasReadOnly = true;
    if (role === 'primary' && report.writable !== false && report.position !== undefined) {
      this.#timeline.add(report.position, askedAt);
    }
  }

  /** A database is down. */
  lost(database: string): void {
    const known = this.#known.get(database);
    if (known !== undefined) known.answers = false;
  }

  /** What its last answer says of its health. */
  reading(database: string, databases: Databases, disputed: Roles['disputed'], askedAt: number): Reading {
    if (disputed.includes(database)) {
      const error = `it takes writes, but ${databases.default.name} is the primary`;
      return { kind: 'disputed', error };
    }
    const role = databases.get(database)?.role;
    const position = this.#known.get(database)?.report?.position;
    if (role !== 'replica' || position === undefined) return { kind: 'alive' };
    const [replica, primary] = [this.#member(database, databases), this.#member(databases.default.name, databases)];
    if (replica !== undefined && primary !== undefined && sameServer(replica, primary))
      return { kind: 'alive', lagMs: 0 };
    return { kind: 'alive', lagMs: this.#timeline.lagMs(position, askedAt) };
  }

  /** Whether its last answer was that it takes no writes. */
  isReadOnly(database: string): boolean {
    return this.#known.get(database)?.report?.writable === false;
  }

  /** Who is the primary now. */
  roles(databases: Databases): Roles {
    const members = databases.all.map(({ name }) => this.#member(name, databases));
    return rolesOf(members.filter((member) => member !== undefined));
  }

  /** Another database is the primary from now on. */
  appointed(databases: Databases): void {
    this.#timeline.clear();
    for (const [name, known] of this.#known) {
      const leads = databases.get(name)?.role === 'primary';
      if (leads || known.standing === 'leads') known.wasReadOnly = false;
      if (leads) known.standing = 'leads';
      else if (known.standing === 'leads') known.standing = 'deposed';
      // what a primary said before it was one no more is of no use for telling whether it still thinks that it is
      if (!leads && known.report?.writable === true) known.report = undefined;
    }
  }

  #member(name: string, databases: Databases): Member | undefined {
    const database = databases.get(name);
    const known = this.#known.get(name);
    if (database === undefined || known === undefined) return undefined;
    const alive = known.answers && known.report !== undefined;
    return {
      name,
      configured: known.configured,
      role: database.role,
      alive,
      report: known.report,
      wasReadOnly: known.wasReadOnly,
    };
  }
}
