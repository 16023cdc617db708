/** What went wrong, stable across versions; messages are for people and may change. */
export type SluiceErrorCode =
  | 'SLUICE_CONFIG'
  | 'SLUICE_UNKNOWN_DATABASE'
  | 'SLUICE_NO_DATABASE'
  | 'SLUICE_OVERLOADED'
  | 'SLUICE_REPLICA_WRITE'
  | 'SLUICE_SPLIT_WRITE'
  | 'SLUICE_RELATION_REFUSED'
  | 'SLUICE_MIGRATION_REFUSED'
  | 'SLUICE_OUTCOME_UNKNOWN'
  | 'SLUICE_TIMEOUT'
  | 'SLUICE_CLOSED';

/** An error of Sluice itself. Tell it by `code` with {@link isSluiceError}, never by class or message. */
export class SluiceError extends Error {
  readonly code: SluiceErrorCode;

  constructor(code: SluiceErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'SluiceError';
    this.code = code;
  }
}

/**
 * Whether `error` is a {@link SluiceError}, with this `code` if one is given. Looks at properties, so it also
 * knows errors of another copy of this package, and errors that an ORM wrapped but gave the same properties.
 */
export function isSluiceError(error: unknown, code?: SluiceErrorCode): error is SluiceError {
  if (typeof error !== 'object' || error === null) return false;
  const found = (error as { code?: unknown }).code;
  if (typeof found !== 'string' || !found.startsWith('SLUICE_')) return false;
  return code === undefined || found === code;
}
