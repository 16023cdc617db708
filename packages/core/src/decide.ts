import type { Chain } from './chain.js';
import type { Frame, Placement } from './context.js';
import { placementFor } from './context.js';
import type { Database, Databases } from './databases.js';
import { SluiceError } from './errors.js';
import type { StatementInfo } from './request.js';
import { Request } from './request.js';
import type { Reason, Route } from './route.js';
import type { Model } from './router.js';
import type { ClusterIdentity } from './affinity.js';

/** All that a decision looks at; nothing else, and nothing of it changes meanwhile. */
export interface Picture {
  readonly cluster: ClusterIdentity;
  readonly databases: Databases;
  readonly chain: Chain;
  readonly frame: Frame;
  /** Names of the databases that have failed this statement. */
  readonly tried: readonly string[];
  /** Whether raw reads are routed like others. */
  readonly routeRawReads: boolean;
}

/**
 * Where one statement goes: the database its ORM call already has; the innermost scope; the session; the kind of the
 * statement; the routers in turn; `default`. Undefined: nothing is left that may serve it.
 * @throws SluiceError `SLUICE_REPLICA_WRITE`, `SLUICE_UNKNOWN_DATABASE`, `SLUICE_SPLIT_WRITE`, `SLUICE_CONFIG`, and
 * whatever a router throws
 */
export function decide(info: StatementInfo, picture: Picture): Route | undefined {
  const placement = placementFor(picture.frame, picture.cluster.name);
  const { intent, held } = info;
  if (held !== undefined && !picture.tried.includes(held.database)) {
    const database = stillRight(info, picture, placement);
    if (database !== undefined) return { database, reason: 'held', cause: held.cause, considered: picture.tried };
  }
  if (info.home === 'anywhere') return anywhere(picture);
  if (placement?.kind === 'database') return exactly(placement.database ?? '', info, picture);
  if (placement?.kind === 'replica') return onReplica(info, picture);
  if (intent === 'write')
    return writeTarget(info, picture, placement === undefined ? undefined : ['scope', 'usePrimary']);
  const fresh = whyFresh(info, picture, placement);
  return fresh === undefined ? readTarget(info, picture, picture.databases) : writeTarget(info, picture, fresh);
}

/** Whether this is a read to which nobody but a primary may answer. */
export function mustBeFresh(info: StatementInfo, picture: Picture): boolean {
  const placement = placementFor(picture.frame, picture.cluster.name);
  if (info.intent === 'write' || info.home === 'anywhere') return false;
  if (placement !== undefined && placement.kind !== 'primary') return false;
  return whyFresh(info, picture, placement) !== undefined;
}

/** The step that sends a read to the primary, and its cause; undefined: none does. */
function whyFresh(
  { home }: StatementInfo,
  picture: Picture,
  placement: Placement | undefined,
): readonly [Reason, string] | undefined {
  if (placement?.kind === 'primary') return ['scope', 'usePrimary'];
  if (staysOnPrimary(picture)) return ['session', 'the session wrote'];
  if (home === 'primary' || (home === 'raw' && !picture.routeRawReads)) return ['statement', 'not a plain read'];
  return undefined;
}

/** Whether the session's reads stay on the primary: it is pinned, or it wrote under a router that stays. */
function staysOnPrimary({ frame, cluster, chain }: Picture): boolean {
  const { session } = frame;
  if (session === undefined) return false;
  return session.isPinned(cluster) || (chain.staysOnPrimary && session.affinity(cluster)?.wrote === true);
}

function stillRight(info: StatementInfo, picture: Picture, placement: Placement | undefined): Database | undefined {
  const { held } = info;
  if (held === undefined || held.placement !== placement) return undefined;
  const database = picture.databases.get(held.database);
  if (database === undefined || database.health === 'down' || database.health === 'recovering') return undefined;
  if (info.intent === 'write') return held.intent === 'write' ? database : undefined;
  if (database.role === 'primary') return database;
  const routed = info.home === undefined || (info.home === 'raw' && picture.routeRawReads);
  return !routed || staysOnPrimary(picture) ? undefined : database;
}

function exactly(name: string, info: StatementInfo, picture: Picture): Route | undefined {
  const database = picture.databases.named(name);
  if (info.intent === 'write' && database.role === 'replica')
    throw replicaWrite(`useDatabase(${JSON.stringify(name)})`);
  if (picture.tried.includes(name)) return undefined;
  return { database, reason: 'scope', cause: 'useDatabase', considered: picture.tried };
}

function onReplica(info: StatementInfo, picture: Picture): Route | undefined {
  if (info.intent === 'write') throw replicaWrite('useReplica');
  const { databases, tried } = picture;
  const left = databases.readableReplicas;
  if (left.length === 0) return readTarget(info, picture, databases);
  const route = readTarget(
    info,
    picture,
    databases.filter((database) => database.role === 'replica'),
  );
  const database = route?.database.role === 'replica' ? route.database : left[0];
  return database && { database, reason: 'scope', cause: 'useReplica', considered: tried };
}

function readTarget(info: StatementInfo, picture: Picture, databases: Databases): Route | undefined {
  const { chain, frame, tried, cluster } = picture;
  const opinion = chain.forRead(new Request(info, frame, cluster.name), databases, tried);
  if (opinion !== undefined) {
    return { database: opinion.database, reason: 'router', cause: opinion.router, considered: tried };
  }
  const { readable } = databases;
  const database = readable.includes(databases.default) ? databases.default : readable[0];
  return database && { database, reason: 'default', cause: 'no router had an opinion', considered: tried };
}

function anywhere({ databases, tried }: Picture): Route | undefined {
  const first = databases.default;
  const database = tried.includes(first.name) ? databases.readable[0] : first;
  return database && { database, reason: 'statement', cause: 'any database will do', considered: tried };
}

/** Where writes of this statement's model go, which is also where its fresh reads go. */
function writeTarget(
  info: StatementInfo,
  picture: Picture,
  because: readonly [Reason, string] | undefined,
): Route | undefined {
  const { writes = [] } = info;
  const route = writeTargetOf(info, 0, ownPrimary(info, picture), picture);
  if (route === undefined) return undefined;
  for (let index = 1; index < writes.length; index += 1) {
    const target = writeTargetOf(info, index, route.database, picture);
    if (target?.database !== route.database) {
      throw splitWrite([writes[0], route.database], [writes[index], target?.database]);
    }
  }
  if (because === undefined) return route;
  return { ...route, reason: because[0], cause: because[1] };
}

function writeTargetOf(
  info: StatementInfo,
  write: number,
  preferred: Database | undefined,
  { cluster, databases, chain, frame, tried }: Picture,
): Route | undefined {
  const offered = preferred === undefined ? databases : writableOnly(databases, preferred.name);
  const opinion = chain.forWrite(new Request(info, frame, cluster.name, write), offered, tried);
  if (opinion !== undefined) {
    const own = opinion.database === preferred;
    return {
      database: opinion.database,
      reason: own ? 'session' : 'router',
      cause: own ? 'the session wrote' : opinion.router,
      considered: tried,
    };
  }
  const database = databases.default;
  if (tried.includes(database.name)) return undefined;
  return { database, reason: 'default', cause: 'no router had an opinion', considered: tried };
}

/** The primary that this session wrote to, if its router stays there, or this is a pinned read, and it can serve. */
function ownPrimary({ intent }: StatementInfo, { frame, cluster, chain, databases }: Picture): Database | undefined {
  const { session } = frame;
  if (!chain.staysOnPrimary && !(intent === 'read' && session?.isPinned(cluster) === true)) return undefined;
  const name = session?.affinity(cluster)?.primary;
  return name === undefined ? undefined : databases.writable.find((database) => database.name === name);
}

/**
 * Refuses a write that its transaction's database may not take: it is a replica, or the routers would send the write
 * to another primary.
 * @throws SluiceError `SLUICE_REPLICA_WRITE`, `SLUICE_SPLIT_WRITE`
 */
export function confine(info: StatementInfo, transaction: Database, picture: Picture): void {
  if (transaction.role === 'replica') throw replicaWrite(`a read-only transaction on ${transaction.name}`);
  if (placementFor(picture.frame, picture.cluster.name)?.kind === 'database') return;
  const offered = writableOnly(picture.databases, transaction.name);
  const models = info.writes ?? (info.model === undefined ? [] : [info.model]);
  for (const [index, model] of models.entries()) {
    const request = new Request(info, picture.frame, picture.cluster.name, index);
    const opinion = picture.chain.forWrite(request, offered, []);
    if (opinion !== undefined && opinion.database.name !== transaction.name) {
      throw splitWrite([undefined, transaction], [model, opinion.database]);
    }
  }
}

/** The picture with no other primary to choose from; mostly it has no other. */
function writableOnly(databases: Databases, name: string): Databases {
  const { writable } = databases;
  if (writable.length === 1 && writable[0]?.name === name) return databases;
  return databases.filter((database) => database.name === name);
}

function splitWrite(
  [model, database]: readonly [Model | undefined, Database],
  [other, elsewhere]: readonly [Model | undefined, Database | undefined],
): SluiceError {
  const first = model === undefined ? 'the transaction is' : `${nameOf(model)} is written`;
  return new SluiceError(
    'SLUICE_SPLIT_WRITE',
    `${first} on ${database.name}, but the routers send ${nameOf(other)} to ${elsewhere?.name ?? 'no database'}; write them in separate transactions`,
  );
}

function nameOf(model: Model | undefined): string {
  if (model === undefined) return 'the statement';
  return typeof model === 'string' ? model : model.name;
}

function replicaWrite(scope: string): SluiceError {
  return new SluiceError(
    'SLUICE_REPLICA_WRITE',
    `a write inside ${scope} was refused before it was sent; move it out, or put it into usePrimary`,
  );
}
