import { describe, expect, it } from '@jest/globals';
import type { Health } from '../../src/databases.js';
import type { Fault } from '../support/faults.js';
import {
  always,
  brokenOff,
  conflict,
  deadlock,
  denied,
  duplicate,
  full,
  limited,
  lost,
  never,
  notReady,
  readOnly,
  refused,
  scripted,
  timedOut,
} from '../support/faults.js';
import type { Listener } from '../support/listeners.js';
import { deadPort, HOST, listener } from '../support/listeners.js';
import { begin, READ, read, rig, WRITE } from '../support/rig.js';
import { thrownBy } from '../support/thrown.js';
import { warnings } from '../support/warnings.js';

describe('what a read meets at a database', () => {
  warnings();

  it.each<[string, () => Fault, Health, Health]>([
    // what, the fault, health after one, health after two
    ['a refused connection', refused, 'down', 'down'],
    ['a lost connection', lost, 'suspect', 'down'],
    ['a connection that timed out on the way', brokenOff, 'suspect', 'down'],
    ['a server that is not ready', notReady, 'suspect', 'down'],
    ['a full server', full, 'warming', 'warming'],
    ['wrong credentials', denied, 'up', 'up'],
    ['a statement taken for a write', readOnly, 'up', 'up'],
    ['a constraint', duplicate, 'up', 'up'],
    ['a deadlock', deadlock, 'up', 'up'],
    ['a limit of the client', timedOut, 'up', 'up'],
    ['a limit of the server', limited, 'up', 'up'],
  ])('%s: it is %s after one, %s after two', async (_what, fault, once, twice) => {
    const { cluster } = rig({ router: { dbForRead: () => 'replica-1' } });
    const { run } = scripted(cluster, { 'replica-1': always(fault) });
    await Promise.allSettled([run(READ)]);
    expect(cluster.databases.named('replica-1').health).toBe(once);
    await Promise.allSettled([run(READ)]);
    expect(cluster.databases.named('replica-1').health).toBe(twice);
  });

  it('a conflict with recovery: it stays up', async () => {
    const { cluster } = rig({ engine: 'postgres', router: 'FailoverRouter' });
    const { run } = scripted(cluster, { 'replica-1': always(conflict) });
    for (let reads = 0; reads < 5; reads += 1) await run(READ);
    expect(cluster.databases.named('replica-1').health).toBe('up');
  });

  it('is forgotten once it has served', async () => {
    const { cluster, clock } = rig({ router: 'FailoverRouter' });
    const { run } = scripted(cluster, { 'replica-1': [lost] });
    await run(READ);
    expect(cluster.databases.named('replica-1').health).toBe('suspect');
    await clock.advance(1_000);
    expect(cluster.databases.named('replica-1').health).toBe('up');
  });
});

describe('a database that is back from an outage', () => {
  const secondOutage = async ({ afterMs }: { readonly afterMs: number }): Promise<Health> => {
    const given = rig({ router: { dbForRead: () => 'replica-1' } });
    given.clock.random = () => 0.5;
    const { run } = scripted(given.cluster, { 'replica-1': [refused, never, refused] });
    await run(READ);
    await given.clock.advance(250);
    expect(given.cluster.databases.named('replica-1').health).toBe('up');
    expect(await run(READ)).toBe('replica-1');
    await given.clock.advance(afterMs);
    await run(READ);
    await given.clock.advance(250);
    return given.cluster.databases.named('replica-1').health;
  };

  it('and goes down again soon is looked at later, though it served meanwhile', async () => {
    expect(await secondOutage({ afterMs: 1_000 })).toBe('down');
  });
});

describe('what a transaction meets', () => {
  it('counts against its database, though nothing is repeated there', async () => {
    const { cluster } = rig();
    const lease = await begin(cluster);
    cluster.failedInside(lease, lost().error);
    expect(cluster.databases.named('default').health).toBe('suspect');
    cluster.failedInside(lease, duplicate().error);
    expect(cluster.databases.named('default').health).toBe('suspect');
  });

  it('drops the idle connections of a primary that turned read only', async () => {
    const { cluster, discarded } = rig();
    cluster.failedInside(await begin(cluster), readOnly().error);
    expect(discarded).toEqual(['default']);
  });
});

describe('the cost of a database', () => {
  const costAfter = async (fault: () => Fault): Promise<number> => {
    const { cluster, clock } = rig({ router: { dbForRead: () => 'replica-1' } });
    await Promise.allSettled([scripted(cluster, { 'replica-1': [fault] }).run(READ)]);
    return cluster.databases.named('replica-1').load.costMs(clock.now());
  };

  it.each<[string, () => Fault, number]>([
    ['that refused a connection is that of a slow answer', refused, 100],
    ['that lost a connection is that of a slow answer', lost, 100],
    ['that was full is that of a slow answer', full, 100],
    ['that reported a fault of the application is that of its answer', duplicate, 0],
    ['that ended a statement at a limit is that of its answer', limited, 0],
  ])('%s', async (_what, fault, cost) => {
    expect(await costAfter(fault)).toBe(cost);
  });

  it('is the time of its answers', async () => {
    const { cluster, clock } = rig({ router: { dbForRead: () => 'replica-1' } });
    await clock.advance(60_000);
    await cluster.run(READ, () => clock.advance(40));
    expect(cluster.databases.named('replica-1').load.costMs(clock.now())).toBe(40);
  });
});

describe('when all databases are down', () => {
  it('they are asked all the same, so that the first to return serves at once', async () => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, {
      default: [refused],
      'replica-1': [refused, refused],
      'replica-2': [refused, refused],
    });
    await thrownBy(() => run(READ));
    expect(cluster.databases.all.map(({ health }) => health)).toEqual(['down', 'down', 'down']);
    expect(await run(READ)).toBe('default');
    expect(await run(WRITE)).toBe('default');
    expect(asked).toHaveLength(7);
  });
});

describe('the checks in the background', () => {
  const probed = (ports: Readonly<Record<string, number>>): ReturnType<typeof rig> =>
    rig({
      probe: 'tcp',
      router: 'FailoverRouter',
      addresses: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host: HOST, port }])),
    });
  const change = ({ cluster }: ReturnType<typeof rig>): Promise<string> =>
    new Promise((resolve) => {
      cluster.on('health', ({ database, health, reason }) => resolve(`${database} is ${health}: ${reason}`));
    });

  it('find a database where nobody listens, before a statement meets it', async () => {
    const port = await deadPort();
    const given = probed({ 'replica-1': port });
    const changed = change(given);
    await given.clock.advance(1_250);
    expect(await changed).toBe(`replica-1 is down: connect ECONNREFUSED ${HOST}:${port}`);
    expect(await read(given.cluster)).toBe('replica-2');
    given.cluster.close();
  });

  it('find a database that is back', async () => {
    const { port, close }: Listener = await listener();
    const given = probed({ 'replica-1': port });
    await scripted(given.cluster, { 'replica-1': [refused] }).run(READ);
    const changed = change(given);
    await given.clock.advance(400);
    expect(await changed).toBe('replica-1 is up: it answers');
    expect(await read(given.cluster)).toBe('replica-1');
    given.cluster.close();
    await close();
  });

  it('leave alone a database of which nobody knows where it listens', async () => {
    const given = probed({});
    await given.clock.advance(60_000);
    expect(given.cluster.databases.all.map(({ health }) => health)).toEqual(['up', 'up', 'up']);
    given.cluster.close();
  });

  it('are not made where they are turned off', () => {
    expect(rig({ probe: 'off' }).clock.pending).toBe(0);
  });
});
