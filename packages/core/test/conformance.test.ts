import { describe, expect, it } from '@jest/globals';
import type { Fault } from '@sluice/core/testing';
import { conformance, fakeRig, FakeServers, runSpec, SPECS } from '@sluice/core/testing';

describe('a sound adapter', () => {
  const servers = new FakeServers();
  conformance({ it: (name, body) => it(name, body), rig: () => fakeRig(servers) });
});

describe('the kit catches an adapter', () => {
  const caught: Readonly<Record<Fault, string>> = {
    'reads-as-writes': 'reads from the replicas in turn',
    'reads-leave-the-transaction': 'keeps a whole transaction on the primary, its reads, locks and raw SQL too',
    'locks-are-reads': 'sends a locking read to the primary',
    'raw-is-a-read': 'sends raw SQL to the primary',
    'raw-is-never-routed': 'routes raw reads if it is told to',
    'children-are-asked-for-anew': 'loads a parent and its children from one database',
    'count-is-asked-for-anew': 'reads a page and its count from one database',
    'writes-are-not-reported': 'reads what its session has just written',
    'commit-is-not-told': 'reads what its session has committed in a transaction',
    'rollback-is-a-commit': 'leaves no pin behind a transaction that was rolled back',
    'rows-are-not-counted': 'leaves no pin behind a write that changed no rows',
    'builder-forgets-its-scope': 'keeps a query builder in the scope in which it was made',
    'builder-heeds-only-its-scope': 'keeps a query builder in the scope in which it was made',
    'errors-are-wrapped': 'answers every read while a replica is dead',
    'repeats-by-itself': 'hands on the error of a wrong statement, sends it once, and blames no database',
    'transaction-moves-on': 'never moves a transaction to another database',
    'entity-is-not-told': 'tells routers the entity, the intent and the hints',
    'connects-at-once': 'opens while a replica is dead',
    'close-does-nothing': 'refuses everything when it is closed',
    'refused-writes-go-to-the-primary': 'refuses a write inside useReplica',
    'stream-is-a-write': 'streams from a replica',
    'read-only-is-ignored': 'runs a transaction that is declared read only on one replica',
  };

  it.each(Object.entries(caught))('whose %s', async (fault, name) => {
    const spec = SPECS.find((each) => each.name === name);
    if (spec === undefined) throw new Error(`no spec is named ${name}`);
    await expect(runSpec(spec, fakeRig(new FakeServers(), fault as Fault))).rejects.toHaveProperty('message');
  });

  it('that has what it says it lacks', async () => {
    const spec = SPECS.find(({ needs }) => needs === 'stream');
    if (spec === undefined) throw new Error('no spec needs streams');
    await expect(runSpec(spec, fakeRig(new FakeServers()), { lacking: true })).rejects.toThrow('declared as lacking');
  });
});
