import type { ContenderName } from './contenders.js';
import type { Place } from './place.js';
import type { Trace } from './trace.js';

export interface Rates {
  readonly readsPerSecond: number;
  /** Requests that write a row and read it back. */
  readonly writesPerSecond: number;
}

/** What the process of a contender is asked for. */
export type Ask =
  | { readonly kind: 'open'; readonly contender: ContenderName; readonly place: Place }
  | { readonly kind: 'load'; readonly rates: Rates }
  /** No more requests; what is still unanswered after that time stays so. */
  | { readonly kind: 'stop'; readonly patienceMs: number }
  | { readonly kind: 'close'; readonly patienceMs: number };

export interface Answer {
  /** Of `stop`. */
  readonly trace?: Trace;
  /** Of `close`: how long that took; `null`: longer than our patience. */
  readonly closeMs?: number | null;
  /** Of `close`: unhandled rejections and uncaught exceptions since `stop`. */
  readonly unhandled?: Readonly<Record<string, number>>;
}
