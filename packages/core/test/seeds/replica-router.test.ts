import { describe, expect, it } from '@jest/globals';
import { getReplica, ReplicaRouter } from '@sluice/core';
import { tally } from '../support/pictures.js';
import { begin, read, reads, rig, write } from '../support/rig.js';

const DATABASES = { default: {}, 'shadow-1': {}, 'shadow-2': {} };

describe('"First, define REPLICA_DATABASES: DATABASES = { default, shadow-1, shadow-2 }"', () => {
  it('the databases that are not primaries by name are the replicas', () => {
    const { cluster } = rig({ databases: DATABASES });
    expect(cluster.databases.replicas.map(({ name }) => name)).toEqual(['shadow-1', 'shadow-2']);
    expect(cluster.databases.default.name).toBe('default');
  });
});

describe.each([
  ['put by its name into the configuration', 'ReplicaRouter' as const],
  ['put as an object into the configuration', new ReplicaRouter()],
])('"Then put multidb.ReplicaRouter into DATABASE_ROUTERS": %s', (_how, router) => {
  const { cluster } = rig({ databases: DATABASES, routers: [router] });

  it('"all read queries will go to a replica database"', async () => {
    for (const name of await reads(cluster, 50)) expect(['shadow-1', 'shadow-2']).toContain(name);
  });

  it('"all inserts, updates, and deletes will go to the default database"', async () => {
    for (const sql of ['INSERT INTO t VALUES (1)', 'UPDATE t SET a = 1', 'DELETE FROM t']) {
      expect(await write(cluster, { sql })).toBe('default');
    }
    expect((await begin(cluster)).database.name).toBe('default');
  });

  it('"The replica databases will be chosen in round-robin fashion"', async () => {
    const served = await reads(cluster, 100);
    for (const [index, name] of served.entries()) expect(name).not.toBe(served[index + 1]);
    expect(tally(100, () => cluster.explain({ intent: 'read' }).database)).toEqual({ 'shadow-1': 50, 'shadow-2': 50 });
  });

  it('"If you want to get a connection to a replica in your app, use multidb.get_replica"', () => {
    expect(tally(10, () => getReplica(cluster))).toEqual({ 'shadow-1': 5, 'shadow-2': 5 });
  });
});

describe('no replica is slammed during startup', () => {
  it('as each process begins with another one', () => {
    const first = (): Promise<string> => read(rig({ databases: DATABASES, router: 'ReplicaRouter' }).cluster);
    return expect(Promise.all(Array.from({ length: 60 }, first)).then((names) => new Set(names).size)).resolves.toBe(2);
  });
});
