import { describe, expect, it } from '@jest/globals';
import { always, full, lost, readOnly, refused, scripted } from '../support/faults.js';
import { READ, rig, WRITE } from '../support/rig.js';
import { refusal, thrownBy } from '../support/thrown.js';

describe('SLUICE_NO_DATABASE', () => {
  it('lists every database with its health and its last error', async () => {
    const { cluster } = rig({ name: 'shop' });
    const { run } = scripted(cluster, {
      default: always(full),
      'replica-1': always(refused),
      'replica-2': always(lost),
    });
    expect(await refusal('SLUICE_NO_DATABASE', () => run(READ))).toBe(
      'no database of cluster shop can serve this read: default is up (Too many connections), ' +
        'replica-1 is down (connect ECONNREFUSED), ' +
        'replica-2 is down (Connection lost: The server closed the connection.); ' +
        'check that they run and can be reached',
    );
  });

  it('lists databases that were not asked, too', async () => {
    const { cluster } = rig();
    const { run } = scripted(cluster, { default: always(refused) });
    expect(await refusal('SLUICE_NO_DATABASE', () => run(WRITE))).toBe(
      'no database of cluster default can serve this write: default is down (connect ECONNREFUSED), ' +
        'replica-1 is up, replica-2 is up; check that they run and can be reached',
    );
  });

  it('has words for an error without a message of its own', async () => {
    const both = new AggregateError([new Error('connect ECONNREFUSED ::1')], '');
    const { cluster } = rig({ databases: { default: {} } });
    const error = Object.assign(both, { code: 'ECONNREFUSED' });
    expect(await refusal('SLUICE_NO_DATABASE', () => cluster.run(READ, () => Promise.reject(error)))).toContain(
      'default is down (connect ECONNREFUSED ::1)',
    );
  });
});

describe('the retry budget of a cluster', () => {
  const LOST = { default: always(lost), 'replica-1': always(lost), 'replica-2': always(lost) };

  it('lets reads that were sent fail as their database said, once it is used up', async () => {
    const { cluster } = rig();
    const { run, sent } = scripted(cluster, LOST);
    const errors = [];
    for (let reads = 0; reads < 200; reads += 1) errors.push((await thrownBy(() => run(READ))).code);
    expect(errors.slice(0, 10)).toEqual(Array(10).fill('SLUICE_NO_DATABASE'));
    expect(errors.slice(-10)).toContain('PROTOCOL_CONNECTION_LOST');
    // 200 reads, 100 repeats at once and a fifth of the reads
    expect(sent.length).toBeGreaterThan(330);
    expect(sent.length).toBeLessThanOrEqual(341);
  });

  it('fills again when time passes', async () => {
    const { cluster, clock } = rig();
    const { run } = scripted(cluster, LOST);
    for (let reads = 0; reads < 200; reads += 1) await thrownBy(() => run(READ));
    await clock.advance(10_000);
    expect(await thrownBy(() => run(READ))).toMatchObject({ code: 'SLUICE_NO_DATABASE' });
  });

  it('is not used for what was never sent', async () => {
    const { cluster } = rig();
    const { run, asked } = scripted(cluster, { 'replica-1': always(full), 'replica-2': always(full) });
    for (let reads = 0; reads < 300; reads += 1) expect(await run(READ)).toBe('default');
    expect(asked).toHaveLength(900);
  });

  it('is not used for writes, which are repeated only where they were rejected unexecuted', async () => {
    const { cluster } = rig({
      databases: { 'primary-a': {}, 'primary-b': {} },
      routers: [{ dbForWrite: () => 'primary-a' }, { dbForWrite: () => 'primary-b' }],
    });
    const { run } = scripted(cluster, { 'primary-a': always(readOnly) });
    for (let writes = 0; writes < 200; writes += 1) expect(await run(WRITE)).toBe('primary-b');
  });
});
