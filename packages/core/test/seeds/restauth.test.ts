import { describe, expect, it } from '@jest/globals';
import type { ObjectRef, RouteRequest } from '@sluice/core';
import {
  MasterSlave,
  MultiPrimaryRouter,
  MultipleMasterSlave,
  PrimaryReplicaRouter,
  Router,
  runInSession,
} from '@sluice/core';
import { tally } from '../support/pictures.js';
import type { Rig } from '../support/rig.js';
import { read, rig, write } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

type Cluster = Rig['cluster'];
const reads = (cluster: Cluster, count = 300): Record<string, number> =>
  tally(count, () => cluster.explain({ intent: 'read' }).database);
const writes = (cluster: Cluster, count = 300): Record<string, number> =>
  tally(count, () => cluster.explain({ intent: 'write' }).database);

describe('"RestAuth provides two Database routers"', () => {
  it('which have their names here, too', () => {
    expect(MasterSlave).toBe(PrimaryReplicaRouter);
    expect(MultipleMasterSlave).toBe(MultiPrimaryRouter);
  });
});

describe('"Only use database routers when you actually use multiple databases"', () => {
  it.each(['MasterSlave', 'MultipleMasterSlave'] as const)('with one, %s sends everything to it', (router) => {
    const { cluster } = rig({ databases: { default: {} }, router });
    expect([reads(cluster, 10), writes(cluster, 10)]).toEqual([{ default: 10 }, { default: 10 }]);
  });
});

describe('"if you want to use our MasterSlave router, simply add DATABASE_ROUTERS = [\'common.routers.MasterSlave\']"', () => {
  it('by its name, as a configuration file would', async () => {
    const fromFile = JSON.parse(
      '{ "databases": { "default": {}, "slave": {} }, "routers": ["MasterSlave"] }',
    ) as object;
    const { cluster } = rig(fromFile);
    expect(await write(cluster)).toBe('default');
    expect(Object.keys(reads(cluster)).toSorted()).toEqual(['default', 'slave']);
  });
});

describe('"you can either write your own or use an existing one"', () => {
  it('one of your own decides as it likes', async () => {
    class Mine extends Router {
      override dbForRead({ model }: RouteRequest): string {
        return model === 'Report' ? 'slave-b' : 'slave-a';
      }
      override dbForWrite(): string {
        return 'default';
      }
    }
    const { cluster } = rig({ databases: { default: {}, 'slave-a': {}, 'slave-b': {} }, router: new Mine() });
    expect([await read(cluster, { model: 'Report' }), await read(cluster), await write(cluster)]).toEqual([
      'slave-b',
      'slave-a',
      'default',
    ]);
  });
});

describe('"Routers shipping with RestAuth are not intended to be used together with other routers"', () => {
  it('here they are the last of a chain', async () => {
    const audit = { dbForRead: ({ model }: RouteRequest) => (model === 'Audit' ? 'slave' : undefined) };
    const { cluster } = rig({ databases: { default: {}, slave: {} }, routers: [audit, 'MasterSlave'] });
    expect(tally(50, () => cluster.explain({ intent: 'read', model: 'Audit' }).database)).toEqual({ slave: 50 });
    expect(Object.keys(reads(cluster)).toSorted()).toEqual(['default', 'slave']);
  });
});

describe('MasterSlave "assumes that you have a single master and multiple slaves"', () => {
  const { cluster } = rig({ databases: { default: {}, 'slave-1': {}, 'slave-2': {} }, router: 'MasterSlave' });

  it('"Read operations will be redirected to a random database (including the master)"', () => {
    const counts = reads(cluster, 3_000);
    expect(Object.keys(counts).toSorted()).toEqual(['default', 'slave-1', 'slave-2']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it('"write operations will be directed to the "default" database, which should be the master"', () => {
    expect(writes(cluster)).toEqual({ default: 300 });
    expect(cluster.databases.default.role).toBe('primary');
  });

  it('an object that was loaded from a slave is written to the master all the same', async () => {
    const instance = { loadedFrom: 'slave-1' };
    expect(await write(cluster, { model: 'User', instance })).toBe('default');
  });

  it('two objects that were loaded from different databases may be related', () => {
    const from = (database: string): ObjectRef => ({
      model: 'User',
      instance: {},
      cluster: 'default',
      database: cluster.databases.get(database),
    });
    expect(cluster.allowsRelation(from('slave-1'), from('slave-2'))).toBe(true);
    expect(cluster.allowsRelation(from('slave-1'), from('default'))).toBe(true);
  });
});

describe('MultipleMasterSlave "handles multiple (read/write) masters and (read-only) slaves"', () => {
  const DATABASES = { 'master-a': {}, 'master-b': {}, slave: {} };
  const { cluster } = rig({ databases: DATABASES, router: 'MultipleMasterSlave' });

  it('"Read operations will be redirected to a random database (including any masters)"', () => {
    const counts = reads(cluster, 3_000);
    expect(Object.keys(counts).toSorted()).toEqual(['master-a', 'master-b', 'slave']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it('"Write-operations will be redirected to a random database with a designation starting with \'master\'"', () => {
    const counts = writes(cluster, 2_000);
    expect(Object.keys(counts).toSorted()).toEqual(['master-a', 'master-b']);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it("\"'master-a' and 'master-b' will get write operations; 'slave' is a read-only slave\"", () => {
    expect(cluster.databases.all.map(({ name, role }) => [name, role])).toEqual([
      ['master-a', 'primary'],
      ['master-b', 'primary'],
      ['slave', 'replica'],
    ]);
  });

  it('a unit of work that wrote to one master reads and writes there from then on', async () => {
    await runInSession(async () => {
      const master = await write(cluster);
      for (let index = 0; index < 20; index += 1)
        expect([await write(cluster), await read(cluster)]).toEqual([master, master]);
    });
  });

  it('without a name that starts with "master" it fails when it is made, not at the first write', async () => {
    expect(
      await refusal('SLUICE_CONFIG', () =>
        rig({ databases: { 'slave-a': {}, 'slave-b': {} }, router: 'MultipleMasterSlave' }),
      ),
    ).toContain('none of the databases slave-a, slave-b is a primary');
  });
});
