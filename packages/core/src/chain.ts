import type { Database, Databases } from './databases.js';
import { serves } from './databases.js';
import { SluiceError } from './errors.js';
import { show } from './options.js';
import type { MigrateRequest, ObjectRef, RouteRequest, Router } from './router.js';
import { roundRobin } from './selection/round-robin.js';
import type { Select } from './selection/select.js';

/** A router's answer, and whose it was. */
export interface Opinion {
  readonly database: Database;
  readonly router: string;
}

/** Routers in order; the first usable opinion wins. */
export class Chain {
  readonly pinMs: number | undefined;
  readonly staysOnPrimary: boolean;
  readonly routers: readonly Router[];
  /** How the first router that chooses among several does so; in turn, if none does. */
  readonly select: Select;

  constructor(routers: readonly Router[]) {
    this.routers = routers;
    const pins = routers.map((router) => router.pinSeconds).filter((seconds) => seconds !== undefined);
    this.pinMs = pins.length === 0 ? undefined : Math.max(...pins) * 1_000;
    this.staysOnPrimary = routers.some((router) => router.staysOnPrimary === true);
    this.select = routers.find((router) => router.select !== undefined)?.select ?? roundRobin();
  }

  forRead(request: RouteRequest, databases: Databases, tried: readonly string[]): Opinion | undefined {
    for (const router of this.routers) {
      const answer = router.dbForRead?.(request, databases);
      if (answer === undefined || answer === null) continue;
      const database = resolve(answer, 'dbForRead', router, databases);
      if (usable(database, databases.readable, tried)) return { database, router: nameOf(router) };
    }
    return undefined;
  }

  forWrite(request: RouteRequest, databases: Databases, tried: readonly string[]): Opinion | undefined {
    for (const router of this.routers) {
      const answer = router.dbForWrite?.(request, databases);
      if (answer === undefined || answer === null) continue;
      const database = resolve(answer, 'dbForWrite', router, databases);
      if (database.role === 'replica') {
        throw new SluiceError(
          'SLUICE_REPLICA_WRITE',
          `dbForWrite of ${nameOf(router)} answered ${database.name}, which is a replica; answer one of ${databases.primaries.map(({ name }) => name).join(', ')}`,
        );
      }
      if (usable(database, databases.writable, tried)) return { database, router: nameOf(router) };
    }
    return undefined;
  }

  allowsRelation(a: ObjectRef, b: ObjectRef, databases: Databases): boolean | undefined {
    for (const router of this.routers) {
      const answer = router.allowRelation?.(a, b, databases);
      if (answer !== undefined && answer !== null) return answer;
    }
    return undefined;
  }

  allowsMigrate(database: Database, request: MigrateRequest): boolean | undefined {
    for (const router of this.routers) {
      const answer = router.allowMigrate?.(database, request);
      if (answer !== undefined && answer !== null) return answer;
    }
    return undefined;
  }
}

/** A module's namespace is a router too, and has no class. */
function nameOf(router: Router): string {
  return (router.constructor as { readonly name: string } | undefined)?.name ?? 'a router without a class';
}

/** Tried by this statement, or not serving: passed over, unless nothing better is left and the picture offers it. */
function usable(database: Database, offered: readonly Database[], tried: readonly string[]): boolean {
  if (tried.includes(database.name)) return false;
  return serves(database) || offered.includes(database);
}

function resolve(answer: unknown, hook: string, router: Router, databases: Databases): Database {
  if (typeof answer === 'string') return databases.named(answer);
  const name: unknown = typeof answer === 'object' && answer !== null ? (answer as { name?: unknown }).name : undefined;
  if (typeof name === 'string') return databases.named(name);
  throw new SluiceError(
    'SLUICE_CONFIG',
    `${hook} of ${nameOf(router)} answered ${show(answer)}; answer a database, the name of one, or undefined for no opinion`,
  );
}
