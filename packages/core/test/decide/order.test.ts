import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Held } from '../../src/lease.js';
import type { StatementInfo } from '../../src/request.js';
import type { Route } from '../../src/route.js';
import { Router } from '../../src/router.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession, useDatabase, usePrimary, useReplica } from '../../src/scopes.js';
import { refused, scripted } from '../support/faults.js';
import type { Rig } from '../support/rig.js';
import { begin, read, rig, write } from '../support/rig.js';

/** What decided, why, and for which database. */
const told = ({ database, reason, cause }: Route): [string, string, string] => [reason, cause, database.name];
const READ: StatementInfo = { intent: 'read' };
const WRITE: StatementInfo = { intent: 'write' };
const last = <T>(items: readonly [T, ...T[]]): T => items.at(-1) ?? items[0];

describe('the step that decides', () => {
  let cluster: Rig['cluster'];
  const explain = (info: StatementInfo): [string, string, string] => told(cluster.explain(info));
  const pinned = (work: () => void): Promise<void> =>
    runInSession(async () => {
      await write(cluster);
      work();
    });

  beforeEach(() => {
    ({ cluster } = rig({ router: new PinningReplicaRouter({ select: last }) }));
  });

  it('is the router, where nothing was said', () => {
    expect(explain(READ)).toEqual(['router', 'PinningReplicaRouter', 'replica-2']);
    expect(explain(WRITE)).toEqual(['router', 'PinningReplicaRouter', 'default']);
  });

  it('is default, where no router has an opinion', () => {
    ({ cluster } = rig({ router: new (class Silent extends Router {})() }));
    expect(explain(READ)).toEqual(['default', 'no router had an opinion', 'default']);
    expect(explain(WRITE)).toEqual(['default', 'no router had an opinion', 'default']);
  });

  it('is default, where there is no router', () => {
    ({ cluster } = rig({ routers: [] }));
    expect(explain(READ)[0]).toBe('default');
    expect(explain(WRITE)[0]).toBe('default');
  });

  it('is the session before the routers, once it wrote', async () => {
    await pinned(() => {
      expect(explain(READ)).toEqual(['session', 'the session wrote', 'default']);
    });
  });

  it('is the scope before the session', async () => {
    await pinned(() => {
      expect(useReplica(() => explain(READ))).toEqual(['scope', 'useReplica', 'replica-2']);
      expect(useDatabase('replica-1', () => explain(READ))).toEqual(['scope', 'useDatabase', 'replica-1']);
      expect(usePrimary(() => explain(READ))).toEqual(['scope', 'usePrimary', 'default']);
    });
  });

  it('is the scope before the kind of the statement', () => {
    const raw: StatementInfo = { intent: 'read', home: 'raw' };
    expect(useReplica(() => explain(raw))).toEqual(['scope', 'useReplica', 'replica-2']);
    expect(useDatabase('replica-1', () => explain(raw))).toEqual(['scope', 'useDatabase', 'replica-1']);
  });

  it('is the kind of the statement before the routers', () => {
    expect(explain({ intent: 'read', home: 'primary' })).toEqual(['statement', 'not a plain read', 'default']);
    expect(explain({ intent: 'read', home: 'raw' })).toEqual(['statement', 'not a plain read', 'default']);
    expect(explain({ intent: 'read', home: 'anywhere' })).toEqual(['statement', 'any database will do', 'default']);
  });

  it('is the session before the kind of the statement', async () => {
    await pinned(() => {
      expect(explain({ intent: 'read', home: 'raw' })[0]).toBe('session');
    });
  });

  it('is the router for raw reads, where they are routed', () => {
    ({ cluster } = rig({ router: new PinningReplicaRouter({ select: last }), routeRawReads: true }));
    expect(explain({ intent: 'read', home: 'raw' })).toEqual(['router', 'PinningReplicaRouter', 'replica-2']);
    expect(explain({ intent: 'read', home: 'primary' })[2]).toBe('default');
  });

  it('is the lease that the ORM call holds before all else, with its first cause', async () => {
    const { held } = await begin(cluster);
    expect(held.cause).toBe('PinningReplicaRouter');
    await pinned(() => {
      expect(explain({ intent: 'read', held })).toEqual(['held', 'PinningReplicaRouter', 'default']);
    });
  });

  it('is the scope for writes, too', () => {
    expect(usePrimary(() => explain(WRITE))).toEqual(['scope', 'usePrimary', 'default']);
    expect(useDatabase('default', () => explain(WRITE))).toEqual(['scope', 'useDatabase', 'default']);
  });

  it('is the innermost scope', () => {
    expect(usePrimary(() => useReplica(() => explain(READ)))[1]).toBe('useReplica');
    expect(useReplica(() => usePrimary(() => explain(READ)))[1]).toBe('usePrimary');
    expect(useReplica(() => useDatabase('replica-1', () => explain(READ)))[1]).toBe('useDatabase');
  });
});

describe('a statement that may be answered by any database', () => {
  const info: StatementInfo = { intent: 'read', home: 'anywhere' };

  it('goes to the default primary in whatever scope', () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    expect(useReplica(() => cluster.explain(info).database.name)).toBe('default');
    expect(useDatabase('replica-1', () => cluster.explain(info).database.name)).toBe('default');
  });

  it('goes to the next that is readable when the default primary cannot be reached', async () => {
    const { cluster } = rig({ router: 'ReplicaRouter' });
    const { run, asked } = scripted(cluster, { default: [refused] });
    expect(await run(info)).toBe('replica-1');
    expect(asked).toEqual(['default', 'replica-1']);
  });
});

describe('what is held', () => {
  const held = (database: string, intent: 'read' | 'write' = 'read'): Held => ({
    database,
    intent,
    placement: undefined,
    cause: 'ReplicaRouter',
  });
  const { cluster } = rig({ router: new PinningReplicaRouter({ select: last }) });
  const where = (info: StatementInfo): string => told(cluster.explain(info)).join(' ');

  it('keeps the reads of one ORM call on one database', () => {
    expect(where({ intent: 'read', held: held('replica-1') })).toBe('held ReplicaRouter replica-1');
    expect(where({ intent: 'read', held: held('default') })).toBe('held ReplicaRouter default');
  });

  it('serves reads after a write of the same call', () => {
    expect(where({ intent: 'read', held: held('default', 'write') })).toBe('held ReplicaRouter default');
  });

  it('serves no write where it was given for reads', () => {
    expect(where({ intent: 'write', held: held('replica-1') })).toBe('router PinningReplicaRouter default');
  });

  it('serves writes where it was given for writes', () => {
    expect(where({ intent: 'write', held: held('default', 'write') })).toBe('held ReplicaRouter default');
  });

  it('is given up in another scope', () => {
    usePrimary(() => {
      expect(where({ intent: 'read', held: held('replica-1') })).toBe('scope usePrimary default');
    });
  });

  it('is kept in the scope in which it was given', async () => {
    await useReplica(async () => {
      const lease = await cluster.run(READ, (given) => Promise.resolve(given));
      expect(where({ intent: 'read', held: lease.held })).toBe(`held useReplica ${lease.database.name}`);
    });
  });

  it('is given up by a session that was pinned since', async () => {
    await runInSession(async () => {
      await write(cluster);
      expect(where({ intent: 'read', held: held('replica-1') })).toBe('session the session wrote default');
    });
  });

  it('is given up for a raw read, unless it is a primary', () => {
    expect(where({ intent: 'read', home: 'raw', held: held('replica-1') })).toBe('statement not a plain read default');
    expect(where({ intent: 'read', home: 'raw', held: held('default') })).toBe('held ReplicaRouter default');
  });

  it('is kept for a raw read where raw reads are routed', () => {
    const routed = rig({ router: 'ReplicaRouter', routeRawReads: true }).cluster;
    const info: StatementInfo = { intent: 'read', home: 'raw', held: held('replica-1') };
    expect(told(routed.explain(info))).toEqual(['held', 'ReplicaRouter', 'replica-1']);
    expect(told(routed.explain({ ...info, home: 'primary' }))[2]).toBe('default');
  });

  it('is given up when its database is down, or gone', async () => {
    const { cluster: broken } = rig({ router: new PinningReplicaRouter({ select: last }) });
    const failing = broken.run({ intent: 'read' }, (lease) =>
      lease.database.name === 'replica-2'
        ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        : Promise.resolve(),
    );
    await failing;
    expect(await read(broken, { held: held('replica-2') })).toBe('replica-1');
    expect(await read(broken, { held: held('replica-9') })).toBe('replica-1');
  });
});
