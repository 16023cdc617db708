import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ClusterEvent, ClusterEvents } from '../../src/events.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession, usePrimary, withoutPinning } from '../../src/scopes.js';
import { always, duplicate, lost, readOnly, refused, scripted } from '../support/faults.js';
import type { Rig } from '../support/rig.js';
import { begin, READ, read, rig, WRITE, write } from '../support/rig.js';
import { thrownBy } from '../support/thrown.js';

const heardOn = <E extends ClusterEvent>({ cluster }: Rig, event: E): ClusterEvents[E][] => {
  const heard: ClusterEvents[E][] = [];
  cluster.on(event, (told) => heard.push(told));
  return heard;
};
const DEFAULT = { cluster: 'default', database: 'default', role: 'primary' };
const REPLICA_1 = { cluster: 'default', database: 'replica-1', role: 'replica' };

describe('a cluster tells', () => {
  it('of each statement its database, and why: route', async () => {
    const given = rig();
    const heard = heardOn(given, 'route');
    await usePrimary(() => read(given.cluster));
    await write(given.cluster);
    (await begin(given.cluster)).end('committed');
    expect(heard).toEqual([
      { ...DEFAULT, intent: 'read', reason: 'scope', cause: 'usePrimary' },
      { ...DEFAULT, intent: 'write', reason: 'router', cause: 'ReplicaRouter' },
      { ...DEFAULT, intent: 'write', reason: 'router', cause: 'ReplicaRouter' },
    ]);
  });

  it('of each attempt its database: route', async () => {
    const given = rig({ router: 'FailoverRouter' });
    const heard = heardOn(given, 'route');
    await scripted(given.cluster, { 'replica-1': [refused] }).run(READ);
    expect(heard.map(({ database }) => database)).toEqual(['replica-1', 'replica-2']);
  });

  it('of each repeat the database that failed, and how: retry', async () => {
    const given = rig({ router: 'FailoverRouter' });
    const heard = heardOn(given, 'retry');
    await scripted(given.cluster, { 'replica-1': [lost] }).run(READ);
    expect(heard).toEqual([
      { ...REPLICA_1, intent: 'read', reason: 'lost', error: expect.objectContaining({ fatal: true }) },
    ]);
  });

  it.each([
    ['that fails for good', READ, always(duplicate)],
    ['whose outcome is not known', WRITE, always(lost)],
    ['for which nothing is left', WRITE, always(refused)],
  ])('of no repeat after a statement %s: retry', async (_what, info, faults) => {
    const given = rig({ databases: { default: {} } });
    const heard = heardOn(given, 'retry');
    await thrownBy(() => scripted(given.cluster, { default: faults }).run(info));
    expect(heard).toEqual([]);
  });

  it('of a database that went down and why, and of its return: health', async () => {
    const given = rig({ router: 'FailoverRouter' });
    const heard = heardOn(given, 'health');
    await scripted(given.cluster, { 'replica-1': [refused] }).run(READ);
    await given.clock.advance(10_000);
    expect(heard).toEqual([
      { ...REPLICA_1, health: 'down', before: 'up', reason: 'connect ECONNREFUSED' },
      { ...REPLICA_1, health: 'up', before: 'down', reason: 'it answers' },
    ]);
  });

  it('of a health only when it changes: health', async () => {
    const given = rig({ databases: { default: {} } });
    const heard = heardOn(given, 'health');
    const { run } = scripted(given.cluster, { default: [refused, refused, refused] });
    for (let reads = 0; reads < 3; reads += 1) await thrownBy(() => run(READ));
    expect(heard).toHaveLength(1);
  });

  it('of a pin and its seconds: pin', async () => {
    const given = rig({ router: new PinningReplicaRouter({ pinSeconds: 5 }) });
    const heard = heardOn(given, 'pin');
    await runInSession(() => write(given.cluster));
    expect(heard).toEqual([{ ...DEFAULT, seconds: 5 }]);
  });

  it.each([
    [
      'that pinned for 0 s',
      new PinningReplicaRouter({ pinSeconds: 0 }),
      (given: Rig) => runInSession(() => write(given.cluster)),
    ],
    [
      'that changed nothing',
      new PinningReplicaRouter(),
      (given: Rig) => runInSession(() => write(given.cluster, {}, 0)),
    ],
    ['outside a session', new PinningReplicaRouter(), (given: Rig) => withoutPinning(() => write(given.cluster))],
  ])('of no pin after a write %s: pin', async (_what, router, work) => {
    const given = rig({ router });
    const heard = heardOn(given, 'pin');
    await work(given);
    expect(heard).toEqual([]);
  });

  it('of a primary that turned out to be read only, and of its connections: primary, pool', async () => {
    const given = rig();
    const [primary, pool] = [heardOn(given, 'primary'), heardOn(given, 'pool')];
    await thrownBy(() => scripted(given.cluster, { default: [readOnly] }).run(WRITE));
    expect(primary).toEqual([{ ...DEFAULT, reason: 'read-only', before: 'default' }]);
    expect(pool).toEqual([{ ...DEFAULT, reason: 'the database is read only' }]);
  });

  it('nobody any more who has stopped listening', async () => {
    const { cluster } = rig();
    const heard: unknown[] = [];
    const listener = (event: unknown): void => void heard.push(event);
    expect(cluster.on('route', listener).off('route', listener)).toBe(cluster);
    await read(cluster);
    expect(heard).toEqual([]);
  });
});

describe('a listener that throws', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('fails no statement, and leaves no database busy', async () => {
    const later: (() => void)[] = [];
    jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => void later.push(callback));
    const { cluster } = rig({ router: 'FailoverRouter' });
    for (const event of ['route', 'retry', 'health'] as const) {
      cluster.on(event, () => {
        throw new Error(`a bug in a listener to ${event}`);
      });
    }
    expect(await scripted(cluster, { 'replica-1': [refused] }).run(READ)).toBe('replica-2');
    expect(cluster.databases.all.map(({ load }) => load.inFlight)).toEqual([0, 0, 0]);
    expect(later).toHaveLength(4);
  });
});
