import { EMPTY_FRAME } from '../../src/context.js';
import { roleByName } from '../../src/config.js';
import type { Database, Health, Role } from '../../src/databases.js';
import { Databases } from '../../src/databases.js';
import type { StatementInfo } from '../../src/request.js';
import { Request } from '../../src/request.js';
import type { RouteRequest } from '../../src/router.js';
import type { NonEmpty } from '../../src/selection/select.js';

export interface Seen {
  readonly role?: Role;
  readonly weight?: number;
  readonly zone?: string;
  readonly health?: Health;
}

/** A picture of databases by name, from a zone; roles follow from the names, all are up. */
export function pictureOf(given: Readonly<Record<string, Seen>>, from?: string): Databases {
  const entries = Object.entries(given);
  let databases = Databases.of(
    entries.map(([name, { role = roleByName(name), weight = 1, zone }]) => ({ name, role, weight, zone })),
    from,
  );
  for (const [name, { health = 'up' }] of entries) databases = databases.observe(name, { health });
  return databases;
}

/** What a router sees of a statement outside any scope or session. */
export function requestOf(info: StatementInfo): RouteRequest {
  return new Request(info, EMPTY_FRAME, 'default');
}

export const READ = requestOf({ intent: 'read' });
export const WRITE = requestOf({ intent: 'write' });

/** At least one database, as strategies are given them. */
export function candidates(given: Readonly<Record<string, Seen>>): NonEmpty<Database> {
  const [first, ...others] = pictureOf({ default: {}, ...given }).all.filter(({ name }) => name in given);
  if (first === undefined) throw new TypeError('no candidates');
  return [first, ...others];
}

type Answer = Database | string | undefined;

/** How often each database is answered. */
export function tally(draws: number, answer: () => Answer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let draw = 0; draw < draws; draw += 1) {
    const answered = answer();
    const name = typeof answered === 'object' ? answered.name : String(answered);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function nameOf(answer: Answer): string | undefined {
  return typeof answer === 'object' ? answer.name : answer;
}
