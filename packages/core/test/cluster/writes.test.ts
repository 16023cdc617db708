import { describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { runInSession } from '../../src/scopes.js';
import type { Fault } from '../support/faults.js';
import {
  always,
  brokenOff,
  conflict,
  deadlock,
  duplicate,
  full,
  lost,
  notReady,
  readOnly,
  refused,
  scripted,
  timedOut,
} from '../support/faults.js';
import { rig, WRITE } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';

const TWO = { databases: { 'primary-a': {}, 'primary-b': {}, replica: {} }, router: 'MultiPrimaryRouter' } as const;

describe('a write', () => {
  it.each<[string, () => Fault]>([
    ['refuses its connection', refused],
    ['has no connection to spare', full],
    ['is not ready, and says so', notReady],
  ])('goes to another primary that the routers offer when one %s', async (_what, fault) => {
    const { cluster } = rig(TWO);
    const { run } = scripted(cluster, { 'primary-a': always(fault) });
    for (let writes = 0; writes < 10; writes += 1) expect(await run(WRITE)).toBe('primary-b');
  });

  it('goes to no primary that the routers do not offer', async () => {
    const { cluster } = rig({ databases: { default: {}, 'primary-b': {}, replica: {} } });
    const { run, asked } = scripted(cluster, { default: always(refused) });
    expect(await refusal('SLUICE_NO_DATABASE', () => run(WRITE))).toContain('can serve this write');
    expect(asked).toEqual(['default']);
  });

  it('goes to no replica, whatever happens', async () => {
    const { cluster } = rig(TWO);
    const { run, asked } = scripted(cluster, { 'primary-a': always(refused), 'primary-b': always(refused) });
    await thrownBy(() => run(WRITE));
    expect([...asked].toSorted()).toEqual(['primary-a', 'primary-b']);
  });

  it('is never sent twice when its connection timed out on the way, either', async () => {
    const { cluster } = rig(TWO);
    const { run, sent } = scripted(cluster, { 'primary-a': always(brokenOff), 'primary-b': always(brokenOff) });
    expect(await refusal('SLUICE_OUTCOME_UNKNOWN', () => run(WRITE))).toContain(String(sent[0]));
    expect(sent).toHaveLength(1);
  });

  it('that its caller gave up on is not sent twice, and leaves its session pinned', async () => {
    const { cluster } = rig({ router: new PinningReplicaRouter() });
    const { run, sent } = scripted(cluster, { default: [timedOut] });
    await runInSession(async (session) => {
      expect((await thrownBy(() => run(WRITE))).message).toBe(timedOut().error.message);
      expect([sent, session.pinned()]).toEqual([['default'], true]);
    });
  });

  it('is never sent twice when its connection was lost, and its outcome is not known', async () => {
    const { cluster } = rig(TWO);
    const { run, sent } = scripted(cluster, { 'primary-a': always(lost), 'primary-b': always(lost) });
    const error = await thrownBy(() => run(WRITE));
    expect(error).toMatchObject({ code: 'SLUICE_OUTCOME_UNKNOWN', cause: { code: 'PROTOCOL_CONNECTION_LOST' } });
    expect(error.message).toBe(
      `the connection to ${sent[0]} was lost while a write was on its way, so it may or may not have been applied; look before you send it again`,
    );
    expect(sent).toHaveLength(1);
  });

  it.each<[string, () => Fault]>([
    ['a constraint', duplicate],
    ['a deadlock', deadlock],
    ['a limit of the caller', timedOut],
  ])('that fails for %s is sent once, and fails as the database said', async (_what, fault) => {
    const { cluster } = rig(TWO);
    const { run, sent } = scripted(cluster, { 'primary-a': always(fault), 'primary-b': always(fault) });
    expect((await thrownBy(() => run(WRITE))).message).toBe(fault().error.message);
    expect(sent).toHaveLength(1);
    expect(cluster.databases.all.map(({ health }) => health)).toEqual(['up', 'up', 'up']);
  });

  it('is not sent again after a conflict with recovery', async () => {
    const { cluster } = rig({ ...TWO, engine: 'postgres' });
    const { run, sent } = scripted(cluster, { 'primary-a': always(conflict), 'primary-b': always(conflict) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ code: '40001' });
    expect(sent).toHaveLength(1);
  });
});

describe('a write that is rejected as read only', () => {
  const ELSEWHERE = {
    databases: { default: {}, 'primary-b': {} },
    routers: [{ dbForWrite: () => 'default' }, { dbForWrite: () => 'primary-b' }],
  };

  it('is sent once to another primary', async () => {
    const { cluster, discarded } = rig(ELSEWHERE);
    const { run, sent } = scripted(cluster, { default: [readOnly] });
    expect(await run(WRITE)).toBe('primary-b');
    expect(sent).toEqual(['default', 'primary-b']);
    expect(discarded).toEqual(['default']);
  });

  it('drops the idle connections of each primary that rejected it', async () => {
    const { cluster, discarded } = rig(ELSEWHERE);
    const { run, sent } = scripted(cluster, { default: [readOnly], 'primary-b': [readOnly] });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ errno: 1290 });
    expect(sent).toEqual(['default', 'primary-b']);
    expect(discarded).toEqual(['default', 'primary-b']);
  });

  it('fails as the database said where there is no other primary', async () => {
    const { cluster, discarded } = rig();
    const { run, sent } = scripted(cluster, { default: always(readOnly) });
    expect(await thrownBy(() => run(WRITE))).toMatchObject({ errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' });
    expect(sent).toEqual(['default']);
    expect(discarded).toEqual(['default']);
  });

  it('leaves its database up: it answers reads', async () => {
    const { cluster } = rig(ELSEWHERE);
    await scripted(cluster, { default: [readOnly] }).run(WRITE);
    expect(cluster.databases.named('default').health).toBe('up');
  });

  it('does not drop the connections of a replica that takes a read for a write', async () => {
    const { cluster, discarded } = rig();
    await scripted(cluster, { 'replica-1': [readOnly], 'replica-2': [readOnly] }).run({ intent: 'read' });
    expect(discarded).toEqual([]);
  });
});
