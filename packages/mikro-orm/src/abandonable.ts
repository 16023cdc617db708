import type { Lease } from '@sluice/core';

/**
 * A plain read as long as its database answers: its client takes connections by itself, so that none can be told to be
 * this read's. What comes later than the end of its lease reaches nobody.
 */
export function abandonable<T>(lease: Lease, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    lease.carriedBy({ giveUp: reject });
    work.then(resolve, reject);
  });
}
