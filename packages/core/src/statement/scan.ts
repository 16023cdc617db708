import type { Engine } from '../engine.js';
import { skipExplain } from './explain.js';
import type { StatementKind } from './kind.js';
import { Tokens } from './tokens.js';
import { QUERY_VERBS, VERBS, type Verb } from './verbs.js';
import { type Ground, Walk } from './walk.js';

/**
 * Reads the statement from left to right, in time linear in its length. Whatever is not understood is a write. It trusts
 * what it cannot see: operators, casts and views are taken to be without side effects.
 */
export function scan(sql: string, engine: Engine): StatementKind {
  if (sql.includes('\0')) return 'write'; // a server may take it for the end of the text, or of a comment
  const tokens = new Tokens(sql, engine);
  tokens.next();
  const kind = judge(tokens, engine);
  return tokens.mark === undefined || kind === 'write' ? kind : withoutExecutableComments(sql, engine, kind);
}

/** A server that its executable comments do not name runs a different statement, or none. */
function withoutExecutableComments(sql: string, engine: Engine, kind: StatementKind): StatementKind {
  const tokens = new Tokens(sql, engine, 'skipped');
  const first = tokens.next();
  if (first === 'end' || first === ';') return kind;
  const other = judge(tokens, engine);
  if (other === kind || (other === 'read' && kind === 'locking')) return kind;
  return other === 'locking' && kind === 'read' ? other : 'write';
}

/** Judges the statement that begins with the current token. */
function judge(tokens: Tokens, engine: Engine): StatementKind {
  const first = tokens.kind === 'word' ? tokens.text : '';
  if (first === 'explain' || (engine === 'mysql' && (first === 'describe' || first === 'desc'))) {
    skipExplain(tokens, engine);
    return isQuery(tokens) || !namesTable(tokens, engine) ? walk('query') : walk('names');
  }
  if (isQuery(tokens)) return walk('query');
  const verb = VERBS[engine].get(first);
  if (verb === undefined) return 'write';
  tokens.next();
  if (!allows(verb, tokens)) return 'write';
  return verb.kind === 'session' ? walk('session', first) : walk('show', first);

  function walk(ground: Ground, last?: string): StatementKind {
    const steps = new Walk(tokens, engine, ground, last);
    if (!steps.toEnd()) return 'write';
    if (steps.locks) return 'locking';
    return ground === 'session' ? 'session' : 'read';
  }
}

function isQuery(tokens: Tokens): boolean {
  return tokens.kind === '(' || (tokens.kind === 'word' && QUERY_VERBS.has(tokens.text));
}

/** MySQL's `DESCRIBE t`, `EXPLAIN t`. */
function namesTable({ kind }: Tokens, engine: Engine): boolean {
  return engine === 'mysql' && (kind === 'word' || kind === 'quoted');
}

function allows({ only, never }: Verb, { kind, text }: Tokens): boolean {
  const second = kind === 'word' ? text : '';
  if (only !== undefined) return only.has(second) && (kind === 'word' || kind === 'end' || kind === ';');
  return never === undefined || !never.has(second);
}
