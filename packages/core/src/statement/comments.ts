import type { Engine } from '../engine.js';
import { SPACE, classOf, isDigit } from './characters.js';
import { UNSURE, endOfComment, endOfLine, endOfNestedComment } from './extents.js';

/** No comment begins here. */
export const NONE = 0;

const HASH = 0x23;
const STAR = 0x2a;
const PLUS = 0x2b;
const DASH = 0x2d;
const SLASH = 0x2f;

export function beginsComment(code: number): boolean {
  return code === DASH || code === SLASH || code === HASH;
}

/** Index behind the comment that begins at `at`, `NONE`, or `UNSURE`. */
export const commentEnd: Readonly<Record<Engine, (sql: string, at: number, code: number) => number>> = {
  postgres(sql, at, code) {
    const next = sql.charCodeAt(at + 1);
    if (code === DASH && next === DASH) return endOfLine(sql, at + 2, true);
    return code === SLASH && next === STAR ? endOfNestedComment(sql, at) : NONE;
  },
  mysql(sql, at, code) {
    if (code === HASH) return endOfLine(sql, at + 1, false);
    const next = sql.charCodeAt(at + 1);
    if (code === DASH && next === DASH) return endOfDashes(sql, at);
    return code === SLASH && next === STAR ? endOfMysqlComment(sql, at) : NONE;
  },
};

/** MySQL wants a space or a control character behind `--`: `5--1` is 6. Whether U+0085 is one depends on the charset. */
function endOfDashes(sql: string, at: number): number {
  const behind = at + 2;
  const code = sql.charCodeAt(behind);
  if (behind >= sql.length || classOf(code) === SPACE || code < 0x20 || code === 0x7f) {
    return endOfLine(sql, behind, false);
  }
  return code < 0x80 ? NONE : UNSURE;
}

function endOfMysqlComment(sql: string, open: number): number {
  const end = endOfComment(sql, open);
  return end !== UNSURE && sql.charCodeAt(open + 2) === PLUS && hasQuote(sql, open, end) ? UNSURE : end;
}

/** A quoted name in an optimizer hint may hide the end of the comment from the server: hints have a tokenizer of their own. */
function hasQuote(sql: string, open: number, end: number): boolean {
  for (let at = open; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (code === 0x22 || code === 0x27 || code === 0x60) return true;
  }
  return false;
}

/** `/*!50000` or MariaDB's `/*M!100600`, if an executable comment begins at `at`, else ''. */
export function executableMark(sql: string, at: number): string {
  if (!sql.startsWith('/*', at)) return '';
  const bang = sql.charCodeAt(at + 2) === 0x4d ? at + 3 : at + 2;
  if (sql.charCodeAt(bang) !== 0x21) return '';
  let end = bang + 1;
  while (isDigit(sql.charCodeAt(end))) end++;
  return sql.slice(at, end);
}
