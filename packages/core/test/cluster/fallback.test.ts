import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../src/cluster.js';
import type { ClusterOptions } from '../../src/config.js';
import type { Lease } from '../../src/lease.js';
import { usePrimary, useReplica } from '../../src/scopes.js';
import { always, duplicate, full, lost, refused, scripted } from '../support/faults.js';
import { begin, READ, read, rig, WRITE } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';
import { gate, turns } from '../support/turns.js';

const dead = { 'replica-1': always(refused), 'replica-2': always(refused) };

/** A cluster whose replicas are known to be down. */
async function withoutReplicas(options: Partial<ClusterOptions> = {}): Promise<ReturnType<typeof rig>> {
  const given = rig(options);
  await Promise.allSettled([scripted(given.cluster, dead).run(READ)]);
  return given;
}

/** A read that is under way until it is let go. */
function underWay(cluster: Cluster): { readonly done: Promise<string>; end(): void } {
  const { opened, open } = gate();
  const done = cluster.run(READ, async ({ database }) => {
    await opened;
    return database.name;
  });
  return { done, end: open };
}

/** Whether the primary takes one more such read. */
const isFree = async (cluster: Cluster): Promise<boolean> => {
  try {
    return (await read(cluster)) === 'default';
  } catch {
    return false;
  }
};

describe('a read that no replica can serve', () => {
  it('is served by the primary', async () => {
    expect(await read((await withoutReplicas()).cluster)).toBe('default');
  });

  it('is refused where the primary is not to be read', async () => {
    const { cluster } = await withoutReplicas({ whenNoReplica: 'throw' });
    expect(await refusal('SLUICE_NO_DATABASE', () => read(cluster))).toContain('whenNoReplica');
  });

  it('is counted where it finds out by itself, too', async () => {
    const { cluster } = rig({ maxFallbackReads: 1 });
    const { opened, open } = gate();
    // each loses its connections once, and is none the worse for it
    const losing = (): Promise<string> =>
      cluster.run(READ, async (lease) => {
        const { database } = lease;
        if (database.role === 'replica') {
          lease.sending();
          throw lost().error;
        }
        await opened;
        return database.name;
      });
    const first = losing();
    await turns();
    expect(cluster.databases.readableReplicas).not.toEqual([]);
    expect(await refusal('SLUICE_OVERLOADED', losing)).toContain('maxFallbackReads');
    open();
    expect(await first).toBe('default');
  });

  it('is refused there also when it finds out by itself', async () => {
    const { cluster } = rig({ whenNoReplica: 'throw' });
    const { run, asked } = scripted(cluster, dead);
    expect(await refusal('SLUICE_NO_DATABASE', () => run(READ))).toContain('whenNoReplica');
    expect(asked.toSorted()).toEqual(['replica-1', 'replica-2']);
  });

  it('is served all the same where it was meant for the primary', async () => {
    const { cluster } = await withoutReplicas({ whenNoReplica: 'throw' });
    expect(await usePrimary(() => read(cluster))).toBe('default');
    expect(await read(cluster, { home: 'primary' })).toBe('default');
    expect(await read(cluster, { home: 'anywhere' })).toBe('default');
    expect((await begin(cluster)).database.name).toBe('default');
  });

  it('is served by a primary that has no replicas at all', async () => {
    const { cluster } = rig({ databases: { default: {} }, whenNoReplica: 'throw', maxFallbackReads: 0 });
    expect(await read(cluster)).toBe('default');
  });

  it('is one inside useReplica, too', async () => {
    const { cluster } = await withoutReplicas({ maxFallbackReads: 0 });
    await refusal('SLUICE_OVERLOADED', () => useReplica(() => read(cluster)));
  });
});

describe('the cap on such reads', () => {
  it('refuses what is beyond it at once, and counts nothing else', async () => {
    const { cluster, clock } = await withoutReplicas({ maxFallbackReads: 2 });
    const [one, two] = [underWay(cluster), underWay(cluster)];
    const before = clock.now();
    const message = await refusal('SLUICE_OVERLOADED', () => read(cluster));
    expect(message).toContain('default serves 2 such reads');
    expect(clock.now()).toBe(before);
    expect(await cluster.run(WRITE, async ({ database }) => database.name)).toBe('default');
    expect(await read(cluster, { home: 'primary' })).toBe('default');
    one.end();
    two.end();
    expect(await Promise.all([one.done, two.done])).toEqual(['default', 'default']);
    expect(await isFree(cluster)).toBe(true);
  });

  it('holds nobody up while a replica serves', async () => {
    const { cluster } = rig({ maxFallbackReads: 0 });
    expect(await read(cluster)).not.toBe('default');
  });

  it('lets all of them through that are allowed by default', async () => {
    const { cluster } = await withoutReplicas();
    const many = Array.from({ length: 500 }, () => underWay(cluster));
    for (const { end } of many) end();
    expect(await Promise.all(many.map(({ done }) => done))).toHaveLength(500);
  });

  it.each<[string, (cluster: Cluster) => Promise<unknown>]>([
    ['is answered', (cluster) => read(cluster)],
    ['has an error of its own', (cluster) => thrownBy(() => scripted(cluster, { default: [duplicate] }).run(READ))],
    ['finds the primary full', (cluster) => thrownBy(() => scripted(cluster, { ...dead, default: [full] }).run(READ))],
    ['is lost on its way, and sent again', (cluster) => scripted(cluster, { ...dead, default: [lost] }).run(READ)],
    ['throws before it is sent', (cluster) => thrownBy(() => cluster.run(READ, () => Promise.reject(new Error('no'))))],
    [
      'is a stream that is ended',
      async (cluster) => {
        let kept: Lease | undefined;
        await cluster.run(READ, async (lease) => {
          lease.keep();
          kept = lease;
        });
        expect(await isFree(cluster)).toBe(false);
        kept?.end('committed');
        kept?.end('committed');
      },
    ],
  ])('is free again after a read that %s', async (_what, act) => {
    const { cluster } = await withoutReplicas({ maxFallbackReads: 1, whenNoReplica: 'primary' });
    await act(cluster);
    await turns();
    const { done, end } = underWay(cluster);
    expect(await isFree(cluster)).toBe(false);
    end();
    expect(await done).toBe('default');
    expect(await isFree(cluster)).toBe(true);
  });
});
