import type { Engine } from './engine.js';
import { SluiceError } from './errors.js';
import { failureOf, isUnanswered, wasGoneBefore } from './failure.js';
import type { Lease } from './lease.js';

/**
 * Judges a COMMIT that failed: ends the lease, and answers the error for the caller. One that was sent and got no
 * answer leaves a transaction that wrote in doubt; everything else was rolled back by its server.
 */
export function commitFailed(engine: Engine, lease: Lease, error: unknown): unknown {
  const failed = isUnanswered(failureOf(engine, error));
  const unknown = failed && !wasGoneBefore(error);
  lease.end(unknown ? 'unknown' : 'rolled-back', { failed });
  if (!unknown || !lease.wrote) return error;
  return new SluiceError(
    'SLUICE_OUTCOME_UNKNOWN',
    `${lease.database.name} did not answer COMMIT, so the transaction may or may not have been applied; look before you run it again`,
    { cause: error },
  );
}
