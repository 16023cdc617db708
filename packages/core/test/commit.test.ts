import { describe, expect, it } from '@jest/globals';
import { commitFailed } from '../src/commit.js';
import { PinningReplicaRouter } from '../src/routers/pinning.js';
import { runInSession } from '../src/scopes.js';
import { deadlock, duplicate, lost, readOnly } from './support/faults.js';
import { begin, rig } from './support/rig.js';

/** What a caller gets for a COMMIT that failed so, and whether its session is pinned then. */
async function committing(error: Error, rows: number | undefined): Promise<[unknown, boolean]> {
  const { cluster } = rig({ router: new PinningReplicaRouter() });
  return runInSession(async (session) => {
    const lease = await begin(cluster);
    if (rows !== undefined) {
      lease.writing();
      lease.changed(rows);
    }
    const given = commitFailed('mysql', lease, error);
    expect(lease.database.load.inFlight).toBe(0);
    return [given, session.pinned()];
  });
}

describe('a COMMIT that failed', () => {
  it('without an answer leaves a transaction that wrote in doubt, and its session pinned', async () => {
    const { error } = lost();
    const [given, pinned] = await committing(error, 1);
    expect(given).toMatchObject({
      code: 'SLUICE_OUTCOME_UNKNOWN',
      message:
        'default did not answer COMMIT, so the transaction may or may not have been applied; look before you run it again',
      cause: error,
    });
    expect(pinned).toBe(true);
  });

  it('without an answer leaves a transaction that only read as it was', async () => {
    const { error } = lost();
    expect(await committing(error, undefined)).toEqual([error, false]);
  });

  it.each([
    ['a deadlock', deadlock().error],
    ['a constraint that was deferred', duplicate().error],
    ['a primary that takes no writes', readOnly().error],
  ])('for %s was rolled back, and leaves no pin', async (_what, error) => {
    expect(await committing(error, 1)).toEqual([error, false]);
  });
});
