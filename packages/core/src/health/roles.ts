import type { Role } from '../databases.js';
import { extent, reached } from './position.js';
import type { Report } from './report.js';

/** One database, as far as the question goes who is the primary. */
export interface Member {
  readonly name: string;
  readonly configured: Role;
  /** The role that it has now. */
  readonly role: Role;
  /** Whether it answered when it was last asked. */
  readonly alive: boolean;
  /** What it last said; undefined: it was never asked. */
  readonly report: Report | undefined;
  /** Whether it was seen refusing writes since it last was the primary, so that taking them now is a promotion. */
  readonly wasReadOnly: boolean;
}

export interface Roles {
  readonly primaries: readonly string[];
  /** Databases that were a primary, take writes still, and are none any more. */
  readonly disputed: readonly string[];
}

/**
 * Who is the primary now, from what the servers say. A server that takes writes is not enough: a subscriber of logical
 * replication does, too, and a replica that nobody made read only. So the primary that we have stays until it says that
 * it is none, or cannot be asked, or another one was promoted after it; and only a server that surely was promoted
 * follows it. Where several primaries are configured, each is one while it takes writes, and replicas stay replicas.
 */
export function rolesOf(members: readonly Member[]): Roles {
  const configured = members.filter((member) => member.configured === 'primary');
  if (configured.length > 1) {
    const writable = configured.filter(({ report }) => report?.writable !== false);
    return { primaries: names(writable.length > 0 ? writable : configured), disputed: [] };
  }
  const current = members.find(({ role }) => role === 'primary');
  if (current === undefined) return { primaries: names(configured), disputed: [] };
  const successors = members.filter((member) => member !== current && succeeds(member, current));
  let primary = current;
  for (const member of successors) if (primary === current || newer(member, primary)) primary = member;
  const disputed = members.filter(
    (member) =>
      member !== primary &&
      (member.role === 'primary' || member.configured === 'primary') &&
      member.alive &&
      member.report?.writable === true &&
      !sameServer(member, primary),
  );
  return { primaries: [primary.name], disputed: names(disputed) };
}

/** Whether `member` is a primary, and the one that came after `current`. */
function succeeds(member: Member, current: Member): boolean {
  const { report } = member;
  if (!member.alive || report?.writable !== true || report.replicating === true) return false;
  if (sameServer(member, current)) return false;
  const before = current.report;
  if (report.family !== undefined && before?.family !== undefined && report.family !== before.family) return false;
  if (current.alive && before?.writable === true) return promotedAfter(member, report, before);
  if (member.wasReadOnly) return true;
  // nobody saw its promotion: this process is younger than that
  if (before === undefined) return report.promoted === true;
  return before.writable === false && holdsAll(report, before);
}

/** Of two that both take writes: whether `report` is that of the later one. */
function promotedAfter(member: Member, report: Report, before: Report): boolean {
  if (report.timeline !== undefined && before.timeline !== undefined) return report.timeline > before.timeline;
  // MySQL does not say that it is applying: a replica that somebody made writable for a moment is no primary
  if (report.replicating !== false) return false;
  return member.wasReadOnly || (report.promoted === true && holdsAll(report, before) && !holdsAll(before, report));
}

function holdsAll(report: Report, other: Report): boolean {
  return report.position !== undefined && other.position !== undefined && reached(report.position, other.position);
}

function newer({ report: a }: Member, { report: b }: Member): boolean {
  if (a?.timeline !== undefined && b?.timeline !== undefined && a.timeline !== b.timeline) {
    return a.timeline > b.timeline;
  }
  return extent(a?.position) > extent(b?.position);
}

/** Two names for one server, as on a developer's machine. */
export function sameServer(a: Member, b: Member): boolean {
  return a.report?.server !== undefined && a.report.server === b.report?.server;
}

function names(members: readonly Member[]): readonly string[] {
  return members.map(({ name }) => name);
}
