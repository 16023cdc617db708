import { describe, expect, it } from '@jest/globals';
import { fastest } from '../../src/selection/fastest.js';
import { leastBusy } from '../../src/selection/least-busy.js';
import { random } from '../../src/selection/random.js';
import { roundRobin } from '../../src/selection/round-robin.js';
import type { Select } from '../../src/selection/select.js';
import { weighted } from '../../src/selection/weighted.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { refused } from '../support/faults.js';
import type { Probed } from '../support/probed.js';
import { PRIMARY, probed, REPLICA } from '../support/probed.js';
import { read, reads } from '../support/rig.js';
import type { Row } from '../support/servers.js';

/** The share of its reads that this database gets now. */
async function share({ cluster }: Probed, name: string): Promise<number> {
  const served = await reads(cluster, 1_000);
  return served.filter((each) => each === name).length / served.length;
}

describe('a replica that is back', () => {
  const strategies: readonly (readonly [string, (clock: ManualClock) => Select])[] = [
    ['roundRobin', (clock) => roundRobin({ random: () => clock.random() })],
    ['random', (clock) => random({ random: () => clock.random() })],
    ['weighted', (clock) => weighted({ random: () => clock.random() })],
    ['leastBusy', (clock) => leastBusy({ random: () => clock.random() })],
    ['fastest', (clock) => fastest({ random: () => clock.random(), now: () => clock.now() })],
  ];

  it.each(strategies)('gets a share that grows to its fair one: %s', async (_name, strategy) => {
    const clock = new ManualClock(7);
    const given = probed({ clock, select: strategy(clock), slowStartMs: 10_000 });
    await clock.advance(1_000);
    given.answers['replica-1'] = refused().error;
    await clock.advance(1_000);
    expect(await share(given, 'replica-1')).toBe(0);
    given.answers['replica-1'] = { ...REPLICA, server: 'replica-1' };
    while (given.cluster.databases.named('replica-1').health !== 'warming') await clock.advance(50);
    const shares: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      shares.push(await share(given, 'replica-1'));
      await clock.advance(3_000);
    }
    const [first = 0, second = 0, third = 0, fourth = 0] = shares;
    expect(first).toBeGreaterThan(0.01);
    expect(first).toBeLessThan(0.1);
    expect(second).toBeGreaterThan(first + 0.03);
    expect(third).toBeGreaterThan(second + 0.03);
    expect(fourth).toBeGreaterThan(third);
    await clock.advance(2_000);
    expect(given.cluster.databases.named('replica-1').health).toBe('up');
    expect(await share(given, 'replica-1')).toBeGreaterThan(0.45);
    given.cluster.close();
  });

  it('gets all reads though it is warming, where there is no other one', async () => {
    const given = probed({ databases: { default: {}, 'replica-1': {} }, slowStartMs: 10_000 });
    await given.clock.advance(1_000);
    given.answers['replica-1'] = refused().error;
    await given.clock.advance(1_000);
    given.answers['replica-1'] = { ...REPLICA, server: 'replica-1' };
    while (given.cluster.databases.named('replica-1').health !== 'warming') await given.clock.advance(50);
    expect(await share(given, 'replica-1')).toBe(1);
    given.cluster.close();
  });
});

interface Lagging extends Probed {
  /** The primary writes on; these replicas stand still, the others follow. */
  pass(ms: number, behind: readonly string[]): Promise<void>;
  health(name: string): string;
}

/** Replicas with a limit of 1 s, and a primary that never rests. */
function lagging(): Lagging {
  const given = probed({ maxLagMs: 1_000, probeIntervalMs: 334 });
  const names = ['replica-1', 'replica-2'];
  let written = 10;
  return {
    ...given,
    health: (name) => given.cluster.databases.named(name).health,
    pass: async (ms, behind) => {
      for (let passed = 0; passed < ms; passed += 50) {
        written += 1;
        given.answers['default'] = { ...PRIMARY, reached: `0-1-${written}` };
        for (const name of names) {
          if (!behind.includes(name)) given.answers[name] = { ...REPLICA, server: name, reached: `0-1-${written}` };
        }
        await given.clock.advance(50);
      }
    },
  };
}

describe('a replica that is behind', () => {
  it('is read within the limit, with the lag that it has', async () => {
    const { cluster, pass, health } = lagging();
    await pass(2_000, []);
    await pass(600, ['replica-1']);
    expect(health('replica-1')).toBe('up');
    expect(cluster.databases.named('replica-2').lagMs).toBeLessThanOrEqual(430);
    cluster.close();
  });

  it('is not read beyond it, and is read again when it has caught up', async () => {
    const given = lagging();
    const { cluster, pass, health } = given;
    await pass(2_000, []);
    await pass(2_500, ['replica-1']);
    expect(health('replica-1')).toBe('lagging');
    expect(await share(given, 'replica-1')).toBe(0);
    await pass(1_000, []);
    expect(health('replica-1')).toBe('up');
    expect(await share(given, 'replica-1')).toBe(0.5);
    expect(given.changes).toEqual(['replica-1 is lagging', 'replica-1 is up']);
    cluster.close();
  });

  it('does not come and go while it stays near the limit', async () => {
    const { cluster, changes, pass, answers } = lagging();
    await pass(2_000, []);
    await pass(2_500, ['replica-1']);
    // it follows at a distance between half of the limit and the whole
    const seen: Row[] = [];
    for (let passed = 0; passed < 10_000; passed += 50) {
      seen.push(answers['replica-2'] as Row);
      const then = seen.at(-19);
      if (then !== undefined) answers['replica-1'] = { ...then, server: 'replica-1' };
      await pass(50, ['replica-1']);
    }
    expect(changes).toEqual(['replica-1 is lagging']);
    cluster.close();
  });

  it('stays, if all are: the one that is least behind', async () => {
    const given = lagging();
    await given.pass(2_000, []);
    await given.pass(1_000, ['replica-1']);
    await given.pass(3_000, ['replica-1', 'replica-2']);
    expect([given.health('replica-1'), given.health('replica-2')]).toEqual(['lagging', 'lagging']);
    expect(await share(given, 'replica-2')).toBe(1);
    expect(await read(given.cluster)).toBe('replica-2');
    given.cluster.close();
  });

  it('is nothing on an idle primary, however long it rests', async () => {
    const given = probed({ maxLagMs: 1_000 });
    await given.clock.advance(60_000);
    expect(given.cluster.databases.replicas.map(({ lagMs, health }) => [lagMs, health])).toEqual([
      [0, 'up'],
      [0, 'up'],
    ]);
    given.cluster.close();
  });
});

describe('at least one database', () => {
  it('is left to be read, whatever the checks say', async () => {
    const given = probed();
    await given.clock.advance(1_000);
    for (const name of ['default', 'replica-1', 'replica-2']) given.answers[name] = refused().error;
    await given.clock.advance(2_000);
    expect(given.cluster.databases.all.map(({ health }) => health)).toEqual(['down', 'down', 'down']);
    expect(given.cluster.databases.readable).toHaveLength(3);
    expect(given.cluster.databases.writable.map(({ name }) => name)).toEqual(['default']);
    expect(await read(given.cluster)).toMatch(/replica/);
    given.cluster.close();
  });
});

describe('the checks of a database', () => {
  it('are one statement each, at most four in a second, on one connection', async () => {
    const { cluster, clock, lines } = probed();
    await clock.advance(60_000);
    expect(lines.map(({ database }) => database).toSorted()).toEqual(['default', 'replica-1', 'replica-2']);
    for (const { line } of lines) {
      expect(line.sent.length).toBeGreaterThan(120);
      expect(line.sent.length).toBeLessThanOrEqual(240);
    }
    cluster.close();
    expect(lines.every(({ line }) => line.closed)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
