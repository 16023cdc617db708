import { describe, expect, it } from '@jest/globals';
import * as core from '@sluice/core';
import {
  currentSession,
  getReplica,
  MarksWrite,
  PinningReplicaRouter,
  ReplicaRouter,
  runInSession,
  usePrimary,
  UsePrimary,
} from '@sluice/core';
import type { Rig } from '../support/rig.js';
import { read, rig, write } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { gate } from '../support/turns.js';
import { warnings } from '../support/warnings.js';

// The counterparts of django-multidb-router's own 25 test cases, by their names, as far as they need no HTTP; cases 5, 6 and
// 10 to 15 are in packages/http/test/multidb-suite.test.ts.

const DATABASES = { default: {}, slave: {} };
const on = (router: ReplicaRouter | PinningReplicaRouter): Rig['cluster'] =>
  rig({ databases: DATABASES, router }).cluster;

describe('ReplicaRouterTests', () => {
  const cluster = on(new ReplicaRouter());
  const migrates = (name: string): boolean =>
    cluster.allowsMigrate(cluster.databases.named(name), { operation: 'migrations', model: 'Article' });

  it('case 1: test_db_for_read: a read goes to a replica', async () => {
    expect(await read(cluster)).toBe('slave');
  });

  it('case 2: test_db_for_write: a write goes to default', async () => {
    expect(await write(cluster)).toBe('default');
  });

  it('case 3: test_allow_syncdb: the schema is synchronized on default and on no replica', () => {
    expect(cluster.migrationTargets('synchronize', ['Article']).map(({ name }) => name)).toEqual(['default']);
  });

  it('case 4: test_allow_migrate: migrations run on default and on no replica', () => {
    expect([migrates('default'), migrates('slave')]).toEqual([true, false]);
  });
});

describe('PinningTests', () => {
  const cluster = on(new PinningReplicaRouter());

  it('case 7: test_pinning_encapsulation: a session starts unpinned, is pinned, and is unpinned in the end', async () => {
    const session = await runInSession((given) => {
      expect(given.pinned()).toBe(false);
      given.pin({ seconds: 15 });
      expect(given.pinned()).toBe(true);
      return given;
    });
    expect(session.pinned()).toBe(false);
  });

  it('case 8: test_pinned_reads: unpinned reads go to a replica, pinned ones to default', async () => {
    await runInSession(async (session) => {
      expect(await read(cluster)).toBe('slave');
      session.pin({ seconds: 15 });
      expect(await read(cluster)).toBe('default');
    });
  });

  it('case 9: test_db_write_decorator: a decorated method reads from default, and a plain one after it from a replica', async () => {
    class Views {
      @MarksWrite()
      writing(): Promise<string> {
        return read(cluster);
      }
      plain(): Promise<string> {
        return read(cluster);
      }
    }
    const views = new Views();
    await runInSession(async () => {
      expect([await views.writing(), await views.plain()]).toEqual(['default', 'slave']);
    });
  });
});

describe('UsePrimaryDBTests', () => {
  const cluster = on(new PinningReplicaRouter());
  class Work {
    @UsePrimary()
    check(): Promise<string> {
      return read(cluster);
    }
  }

  it('case 16: test_decorator: a decorated method reads from default, and the code around it from a replica', async () => {
    expect([await read(cluster), await new Work().check(), await read(cluster)]).toEqual(['slave', 'default', 'slave']);
  });

  it('case 17: test_decorator_resets: a pinned session stays pinned after a decorated method', async () => {
    await runInSession(async (session) => {
      session.pin({ seconds: 15 });
      await new Work().check();
      expect([session.pinned(), await read(cluster)]).toEqual([true, 'default']);
    });
  });

  it('case 18: test_context_manager: reads inside go to default, and before and after it to a replica', async () => {
    const inside = usePrimary(() => read(cluster));
    expect([await read(cluster), await inside, await read(cluster)]).toEqual(['slave', 'default', 'slave']);
  });

  it('case 19: test_context_manager_resets: a pinned session stays pinned after usePrimary', async () => {
    await runInSession(async (session) => {
      session.pin({ seconds: 15 });
      await usePrimary(() => read(cluster));
      expect([session.pinned(), await read(cluster)]).toEqual([true, 'default']);
    });
  });

  it('case 20: test_context_manager_exception: after an error inside, reads go to a replica again', async () => {
    const error = new Error('ValueError');
    expect(
      await thrownBy(() =>
        usePrimary(async () => {
          expect(await read(cluster)).toBe('default');
          throw error;
        }),
      ),
    ).toBe(error);
    expect(await read(cluster)).toBe('slave');
  });

  it('case 21: test_multithreaded_unpinning: two flows that interleave each end in the state they began in', async () => {
    const [pinnedIsIn, unpinnedIsIn] = [gate(), gate()];
    const flow = (pinned: boolean): Promise<(boolean | undefined)[]> =>
      runInSession(async (session) => {
        if (pinned) session.pin({ seconds: 15 });
        await usePrimary(async () => {
          (pinned ? pinnedIsIn : unpinnedIsIn).open();
          await (pinned ? unpinnedIsIn : pinnedIsIn).opened;
          expect(await read(cluster)).toBe('default');
        });
        return [currentSession()?.pinned(), (await read(cluster)) === 'default'];
      });
    expect(await Promise.all([flow(true), flow(false)])).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

// what is deprecated there was never here: each name is refused, or is not there, and what came after it warns of nothing
describe('DeprecationTestCase', () => {
  const heard = warnings();
  const refused = (router: string): Promise<string> =>
    refusal('SLUICE_CONFIG', () => rig({ databases: DATABASES, router: router as never }));

  it('case 22: test_masterslaverouter: MasterSlaveRouter is refused with the names there are, and ReplicaRouter serves', async () => {
    expect(await refused('MasterSlaveRouter')).toMatch(/router is "MasterSlaveRouter".*"ReplicaRouter"/);
    expect(await read(rig({ databases: DATABASES, router: 'ReplicaRouter' }).cluster)).toBe('slave');
    expect(heard).toEqual([]);
  });

  it('case 23: test_pinningmasterslaverouter: so is PinningMasterSlaveRouter, and PinningReplicaRouter serves', async () => {
    expect(await refused('PinningMasterSlaveRouter')).toMatch(/"PinningMasterSlaveRouter".*"PinningReplicaRouter"/);
    const { cluster } = rig({ databases: DATABASES, router: 'PinningReplicaRouter' });
    expect(await runInSession(async () => [await read(cluster), await write(cluster), await read(cluster)])).toEqual([
      'slave',
      'default',
      'default',
    ]);
    expect(heard).toEqual([]);
  });

  it('case 24: test_get_slave: there is getReplica instead', () => {
    expect(Object.keys(core).filter((name) => /^get_?slave$/i.test(name))).toEqual([]);
    expect(getReplica(on(new ReplicaRouter()))).toBe('slave');
    expect(heard).toEqual([]);
  });

  it('case 25: test_use_master: there is usePrimary instead', async () => {
    expect(Object.keys(core).filter((name) => /^use_?master$/i.test(name))).toEqual([]);
    expect(await usePrimary(() => read(on(new ReplicaRouter())))).toBe('default');
    expect(heard).toEqual([]);
  });
});
