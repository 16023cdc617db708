/** What TypeORM's runners answer when they are asked for the structured result. */
interface StructuredResult {
  readonly raw?: unknown;
  readonly affected?: unknown;
}

/** The plain form of a structured result, as TypeORM would have answered. */
export function unwrapped(result: unknown): unknown {
  const { raw } = result as StructuredResult;
  return raw === undefined ? result : raw;
}

/** Statements whose count of rows tells whether anything has changed; DDL answers 0 and changes something. */
const COUNTED = /^\s*(?:insert|update|delete|replace|merge)\b/i;

/** Rows that a write has changed; undefined if its answer does not tell. */
export function rowsChanged(sql: string, result: unknown): number | undefined {
  const { raw, affected } = (result ?? {}) as StructuredResult;
  // MariaDB's INSERT … RETURNING answers with rows
  if (affected === undefined && Array.isArray(raw) && raw.every(isRow)) return raw.length;
  if (typeof affected !== 'number') return undefined;
  const header = (raw ?? {}) as { readonly info?: unknown; readonly changedRows?: unknown };
  // mysql2 counts the rows that an UPDATE has found; the server says beside it how many are different now
  if (typeof header.info === 'string' && header.info.startsWith('Rows matched') && header.changedRows === 0) return 0;
  return affected > 0 || COUNTED.test(sql) ? affected : undefined;
}

/** A row, and not the header or the rows of one of several statements. */
function isRow(row: unknown): boolean {
  return typeof row === 'object' && row !== null && !Array.isArray(row) && !('affectedRows' in row);
}
