import { describe, expect, it } from '@jest/globals';
import type { Database, Databases, RouteRequest } from '@sluice/core';
import { FailoverRouter } from '@sluice/core';
import { always, refused, scripted } from '../support/faults.js';
import type { Listener } from '../support/listeners.js';
import { deadPort, HOST, listener } from '../support/listeners.js';
import type { Rig } from '../support/rig.js';
import { READ, read, reads, rig, write } from '../support/rig.js';

const DATABASES = { default: {}, follower: {} };

/** A cluster whose databases listen there, and are checked by a TCP connect. */
function checked(ports: Readonly<Record<string, number>>): Rig {
  const addresses = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host: HOST, port }]));
  return rig({ databases: DATABASES, router: 'FailoverRouter', probe: 'tcp', addresses });
}
/** The next change of health, as the checks go on. */
async function nextHealth({ cluster, clock }: Rig): Promise<string> {
  const heard = new Promise<string>((resolve) => {
    cluster.on('health', ({ database, health }) => resolve(`${database} is ${health}`));
  });
  await clock.advance(1_250);
  return heard;
}

describe('"A router that defaults reads to the follower but provides a failover back to the default"', () => {
  it('reads from the follower', async () => {
    const { cluster } = rig({ databases: DATABASES, router: new FailoverRouter() });
    expect(await reads(cluster, 3)).toEqual(['follower', 'follower', 'follower']);
  });

  it("\"if test_connection_to_db('follower'): return 'follower'; return 'default'\"", async () => {
    const given = checked({ default: await deadPort(), follower: await deadPort() });
    expect(given.cluster.explain(READ).database.name).toBe('follower');
    await scripted(given.cluster, { follower: [refused] }).run(READ);
    expect(given.cluster.explain(READ).database.name).toBe('default');
    given.cluster.close();
  });

  it('"Point all writes to the default db", whether the follower is up or not', async () => {
    const { cluster } = rig({ databases: DATABASES, router: 'FailoverRouter' });
    expect(await write(cluster)).toBe('default');
    await scripted(cluster, { follower: [refused] }).run(READ);
    expect(await write(cluster)).toBe('default');
  });

  it('"Make sure only the default db allows syncdb"', () => {
    const { cluster } = rig({ databases: DATABASES, router: 'FailoverRouter' });
    expect(cluster.migrationTargets('synchronize', ['Report']).map(({ name }) => name)).toEqual(['default']);
    const request = { operation: 'synchronize', model: 'Report' } as const;
    expect(cluster.databases.all.map((database) => cluster.allowsMigrate(database, request))).toEqual([true, false]);
  });
});

describe('"In your db_for_read() functions, you can check for connectivity to your follower"', () => {
  it('"s = socket.create_connection(…); return True": a follower that can be reached again is read from again', async () => {
    const follower: Listener = await listener();
    const given = checked({ follower: follower.port });
    await scripted(given.cluster, { follower: [refused] }).run(READ);
    expect(await read(given.cluster)).toBe('default');
    expect(await nextHealth(given)).toBe('follower is up');
    expect(await read(given.cluster)).toBe('follower');
    given.cluster.close();
    await follower.close();
  });

  it('"except: return False": a follower that refuses a connection is found out, though no read has met it', async () => {
    const given = checked({ follower: await deadPort() });
    expect(await nextHealth(given)).toBe('follower is down');
    expect(await read(given.cluster)).toBe('default');
    given.cluster.close();
  });
});

describe('"I don\'t know what overhead this test_connection() will cause for every read"', () => {
  it('none: "cache these reports": a read looks at what was last seen, and connects to nothing', async () => {
    const asked: string[] = [];
    const { cluster } = rig({
      databases: DATABASES,
      router: 'FailoverRouter',
      probe: 'tcp',
      addresses: new Proxy({}, { get: (_, name) => void asked.push(String(name)) }),
    });
    await reads(cluster, 1_000);
    expect(asked).toEqual([]);
    cluster.close();
  });

  it('nor is a follower that is down asked by each read', async () => {
    const { cluster } = rig({ databases: DATABASES, router: 'FailoverRouter' });
    const { run, asked } = scripted(cluster, { follower: always(refused) });
    for (let index = 0; index < 100; index += 1) expect(await run(READ)).toBe('default');
    expect(asked.filter((name) => name === 'follower')).toHaveLength(1);
  });
});

describe('"you could make the logic more complicated"', () => {
  it('"like pick the follower db only for certain models that are queried for your reports"', async () => {
    class ReportRouter extends FailoverRouter {
      override dbForRead(request: RouteRequest, databases: Databases): Database | undefined {
        return request.model === 'Report' ? super.dbForRead(request, databases) : databases.default;
      }
    }
    const { cluster } = rig({ databases: DATABASES, router: new ReportRouter() });
    expect([await read(cluster, { model: 'Report' }), await read(cluster, { model: 'User' })]).toEqual([
      'follower',
      'default',
    ]);
    await scripted(cluster, { follower: [refused] }).run({ intent: 'read', model: 'Report' });
    expect(await read(cluster, { model: 'Report' })).toBe('default');
  });
});
