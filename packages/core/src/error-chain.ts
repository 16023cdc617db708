/** What drivers and ORMs put on their errors, as far as we read it. */
export interface ErrorFields {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message?: unknown;
  readonly fatal?: unknown;
  readonly severity?: unknown;
  readonly syscall?: unknown;
  readonly driverError?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** An error and those it was made from, outermost first, however an ORM has wrapped them; five at the most. */
export function* chainOf(error: unknown): Generator<ErrorFields, void, undefined> {
  for (let at = error, depth = 0; depth < 5 && typeof at === 'object' && at !== null; depth += 1) {
    const fields = at as ErrorFields;
    yield fields;
    const inner: unknown = fields.driverError ?? fields.cause;
    at = Array.isArray(fields.errors) && inner === undefined ? fields.errors[0] : inner;
  }
}
