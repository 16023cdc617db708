import { continuesName, isDigit } from './characters.js';

/** Where a comment or a quoted text ends is one index; this one says that no end could be told for sure. */
export const UNSURE = -1;

/** What a backslash does inside quotes; `unsure`: it depends on a setting of the server, so `\` before a quote is refused. */
export type Backslash = 'plain' | 'escapes' | 'unsure';

const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const DOLLAR = 0x24;
/** Longer tags are legal and never written; the limit keeps the search for the closing one linear. */
const LONGEST_TAG = 64;

/** Index behind the closing quote of a text whose opening quote is at `open`; a doubled quote is part of the text. */
export function endOfQuoted(sql: string, open: number, backslash: Backslash): number {
  const quote = sql.charCodeAt(open);
  for (let at = open + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1;
      at++;
    } else if (code === BACKSLASH && backslash !== 'plain') {
      at++;
      if (backslash === 'unsure' && sql.charCodeAt(at) === quote) return UNSURE;
    }
  }
  return UNSURE;
}

export function endOfLine(sql: string, from: number, carriageReturnEnds: boolean): number {
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === 0x0a || (carriageReturnEnds && code === 0x0d)) return at + 1;
  }
  return sql.length;
}

export function endOfComment(sql: string, open: number): number {
  const close = sql.indexOf('*/', open + 2);
  return close < 0 ? UNSURE : close + 2;
}

export function endOfNestedComment(sql: string, open: number): number {
  let depth = 1;
  for (let at = open + 2; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === SLASH && sql.charCodeAt(at + 1) === STAR) {
      depth++;
      at++;
    } else if (code === STAR && sql.charCodeAt(at + 1) === SLASH) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return UNSURE;
}

/** `$1`, `$$...$$` and `$tag$...$tag$`; anything else behind a `$` is no token. */
export function endOfDollar(sql: string, open: number): number {
  let at = open + 1;
  if (isDigit(sql.charCodeAt(at))) {
    while (isDigit(sql.charCodeAt(at))) at++;
    return at;
  }
  while (sql.charCodeAt(at) !== DOLLAR) {
    if (at >= sql.length || at - open > LONGEST_TAG || !continuesName(sql.charCodeAt(at))) return UNSURE;
    at++;
  }
  const tag = sql.slice(open, at + 1);
  const close = sql.indexOf(tag, at + 1);
  return close < 0 ? UNSURE : close + tag.length;
}
