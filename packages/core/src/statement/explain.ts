import type { Engine } from '../engine.js';
import type { TokenKind } from './token-kind.js';
import type { Tokens } from './tokens.js';
import { QUERY_VERBS } from './verbs.js';
import { wordSet } from './word-set.js';

const EXPLAIN_WORDS = wordSet('analyze analyse verbose extended partitions format');

/**
 * Moves from EXPLAIN to the statement it explains. That one alone decides, with or without ANALYZE: MySQL and MariaDB
 * refuse EXPLAIN UPDATE on a read-only server too (1290).
 */
export function skipExplain(tokens: Tokens, engine: Engine): void {
  let kind = tokens.next();
  if (kind === '(' && engine === 'postgres') kind = skipOptions(tokens);
  while (kind === 'word' && EXPLAIN_WORDS.has(tokens.text)) {
    const isFormat = tokens.text === 'format';
    kind = tokens.next();
    if (isFormat && kind === 'operator') {
      tokens.next();
      kind = tokens.next();
    }
  }
}

/** `EXPLAIN (ANALYZE, BUFFERS) ...`, but not the parentheses of `EXPLAIN (SELECT ...)`. */
function skipOptions(tokens: Tokens): TokenKind {
  const { start } = tokens;
  let kind = tokens.next();
  if (kind === '(' || (kind === 'word' && QUERY_VERBS.has(tokens.text))) return tokens.rewind(start);
  while (kind === 'word' || kind === 'quoted' || kind === 'literal' || kind === ',') kind = tokens.next();
  return kind === ')' ? tokens.next() : kind;
}
