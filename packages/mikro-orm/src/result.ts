/** Statements whose count of rows tells whether anything has changed; DDL answers 0 and changes something. */
const COUNTED = /^\s*(insert|update|delete|replace|merge)\b/i;

/** Rows that a write has changed; undefined if its answer does not tell. */
export function rowsChanged(sql: string, result: unknown): number | undefined {
  const verb = COUNTED.exec(sql)?.[1]?.toLowerCase();
  if (verb === undefined) return undefined;
  const { affectedRows, numChangedRows, numAffectedRows } = (result ?? {}) as {
    readonly affectedRows?: unknown;
    readonly numChangedRows?: unknown;
    readonly numAffectedRows?: unknown;
  };
  // mysql2 counts the rows that an UPDATE has found, and beside it those that are different now; 0 of an INSERT's are
  const counts = verb === 'update' ? [numChangedRows, affectedRows, numAffectedRows] : [affectedRows, numAffectedRows];
  for (const count of counts) {
    if (typeof count === 'number' || typeof count === 'bigint') return Number(count);
  }
  return undefined;
}

/** The SQL of what MikroORM hands to a connection: text, a raw fragment, or a builder of Kysely or knex. */
export function sqlOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const given = (query ?? {}) as {
    readonly sql?: unknown;
    toSQL?(): { readonly sql?: unknown } | readonly { readonly sql?: unknown }[];
    toRaw?(): { readonly sql?: unknown };
  };
  if (typeof given.sql === 'string') return given.sql;
  const made = typeof given.toRaw === 'function' ? given.toRaw() : given.toSQL?.();
  const parts = Array.isArray(made)
    ? (made as readonly { readonly sql?: unknown }[])
    : [(made ?? {}) as { readonly sql?: unknown }];
  return parts.map(({ sql }) => (typeof sql === 'string' ? sql : '')).join('; ');
}
