import type { OperationName } from './operations.js';
import type { Place } from './place.js';

/** What the process of a contender is asked for; it answers each ask. */
export type Ask =
  | { readonly kind: 'open'; readonly place: Place }
  | { readonly kind: 'sample'; readonly operation: OperationName; readonly count: number }
  | { readonly kind: 'close' };

/** Microseconds for one operation. */
export interface Sample {
  readonly wall: number;
  readonly cpu: number;
}

/** The sample that was asked for, and nothing for other asks. */
export type Answer = { readonly sample?: Sample };
