import type { Failure } from '../failure.js';

/** How an attempt at a statement failed. */
export interface Met {
  readonly sent: boolean;
  readonly error: unknown;
  /** Monotonic milliseconds: when the attempt began. */
  readonly startedAt: number;
}

/** What a failure says about its database: how to report it, that it is only worth a note, or nothing. */
export function blame(failure: Failure, sent: boolean): 'refused' | 'silent' | 'noted' | undefined {
  switch (failure) {
    case 'application':
    case 'timeout':
    case 'abandoned':
    case 'conflict':
      return undefined;
    case 'unreachable':
      return sent ? 'silent' : 'refused';
    case 'lost':
    case 'not-ready':
      return 'silent';
    case 'overloaded':
    case 'read-only':
    case 'unusable':
      return 'noted';
  }
}

/** The innermost message that says something; an AggregateError of Node.js has none of its own. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return error instanceof AggregateError && error.errors.length > 0 ? textOf(error.errors[0]) : error.name;
}
