import type { Frame, Model } from '@sluice/core';
import type { BuilderInternals } from './internals.js';

/** What a query builder, or a call of the entity manager, says of the statements of its runner. */
export interface Origin {
  /** The builder that made the statements. */
  readonly builder?: BuilderInternals;
  /** Where the builder was made, if a scope was open there. */
  readonly frame?: Frame | undefined;
  /** The entities that a call will write. */
  readonly writes?: readonly Model[] | undefined;
  /** Their objects, in the same order. */
  readonly instances?: readonly object[];
  /** Raw SQL of `dataSource.query`. */
  readonly raw?: boolean;
}
