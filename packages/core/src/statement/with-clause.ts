import type { TokenKind } from './token-kind.js';
import { QUERY_VERBS } from './verbs.js';

/** Where the walk is in `WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query) [SEARCH ...] [CYCLE ...], ...`. */
export type WithStep =
  /** In no WITH, or in the query behind it. */
  | 'none'
  | 'name'
  | 'named'
  | 'as'
  /** Inside the parentheses of one of its queries. */
  | 'body'
  | 'closed'
  /** In SEARCH or CYCLE. */
  | 'clause';

/** The step behind this token, undefined if it cannot stand here. `word` is '' unless the token is an unquoted word. */
export function nextStep(step: WithStep, kind: TokenKind, word: string): WithStep | undefined {
  switch (step) {
    case 'name':
      if (word === 'recursive') return 'name';
      return kind === 'word' || kind === 'quoted' ? 'named' : undefined;
    case 'named':
      if (word === 'as') return 'as';
      return kind === '(' ? 'named' : undefined;
    case 'as':
      if (kind === '(') return 'body';
      return word === 'not' || word === 'materialized' ? 'as' : undefined;
    case 'closed':
      if (kind === ',') return 'name';
      if (word === 'search' || word === 'cycle') return 'clause';
      return kind === '(' || (word !== 'with' && QUERY_VERBS.has(word)) ? 'none' : undefined;
    case 'clause':
      if (word === 'as') return 'as';
      if (word !== 'with' && QUERY_VERBS.has(word)) return 'none';
      return kind === 'end' || kind === ')' ? undefined : 'clause';
    case 'body':
      return undefined;
    case 'none':
      return 'none';
  }
}
