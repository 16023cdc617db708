import type { Engine } from '../engine.js';
import { NAME } from './openers.js';
import { Place, START } from './place.js';
import { isOfConnection, isOfServer } from './settings.js';
import type { TokenKind } from './token-kind.js';
import type { Tokens } from './tokens.js';
import { QUERY_VERBS } from './verbs.js';
import { type WithStep, nextStep } from './with-clause.js';
import { wordSet } from './word-set.js';

/** What is walked: a query, something said about tables (`DESC t`), SHOW, or a statement about the session. */
export type Ground = 'query' | 'names' | 'show' | 'session';

/** What one pair of parentheses holds; the statement itself is the outermost. */
interface Frame {
  /** The function whose arguments these are, '' if they are none. */
  readonly callee: string;
  /** Its first token must begin a query. */
  expectsQuery: boolean;
  holdsQuery: boolean;
  /** What the closing one is remembered as: behind DISTINCT ON (...) an expression begins, as behind a comma. */
  readonly end: ')' | ',';
  step: WithStep;
}

/** Deeper than any server follows. */
const DEEPEST = 2_000;
/** More than an IN list of 1 MB has; bounds what a statement may cost. */
const MOST_TOKENS = 300_000;

const LOCKS = wordSet('update share no key');
const HARMLESS_BEHIND_FOR = wordSet('system_time join order group ordinality read');
const TAKES_FOR = wordSet('substring substr mid overlay');
/** `sequence.nextval` is MariaDB's under SQL_MODE=ORACLE, quoted or not. */
const SEQUENCE_COLUMNS = ['nextval', 'currval'];

/**
 * Looks at the tokens of one statement in turn. It knows no grammar: what every server refuses may pass as harmless, for
 * it does no harm.
 */
export class Walk {
  /** Row or table locks were asked for. */
  locks = false;
  readonly #tokens: Tokens;
  readonly #mysql: boolean;
  readonly #ground: Ground;
  readonly #place: Place;
  readonly #outer: Frame[] = [];
  #frame: Frame;
  /** The next parenthesis must hold a query. */
  #opensQuery = false;

  constructor(tokens: Tokens, engine: Engine, ground: Ground, last: string = START) {
    this.#tokens = tokens;
    this.#mysql = engine === 'mysql';
    this.#ground = ground;
    this.#place = new Place(tokens, engine, last);
    this.#frame = { callee: '', expectsQuery: ground === 'query', holdsQuery: true, end: ')', step: 'none' };
  }

  /** Walks from the current token to the end of the statement; false as soon as something is not known to be harmless. */
  toEnd(): boolean {
    const tokens = this.#tokens;
    let left = MOST_TOKENS;
    for (let kind = tokens.kind; kind !== 'end'; kind = tokens.next()) {
      if (left-- === 0) return false;
      if (kind === ';') return tokens.next() === 'end' && this.#isWhole();
      if (!this.#isExpected(kind) || !this.#take(kind)) return false;
      this.#place.lastKind = kind;
    }
    return this.#isWhole();
  }

  #isWhole(): boolean {
    return this.#outer.length === 0 && this.#isExpected('end');
  }

  /** In the few places where only some tokens may follow: is this one of them? */
  #isExpected(kind: TokenKind): boolean {
    const { last, lastKind } = this.#place;
    if (lastKind === 'word') {
      if (last === 'for' && !this.#isHarmlessBehindFor(kind)) return false;
      if ((last === 'insert' || last === 'replace') && kind !== '(') return false;
    }
    const { expectsQuery, step } = this.#frame;
    return (!expectsQuery || this.#beginsQuery(kind)) && (step === 'none' || this.#continuesWith(kind, step));
  }

  #take(kind: TokenKind): boolean {
    const place = this.#place;
    switch (kind) {
      case 'word':
        return this.#word(this.#tokens.text);
      case 'quoted':
        return this.#quoted();
      case '(':
        return this.#open();
      case ')':
        return this.#close();
      case 'literal':
        return place.passLiteral();
      case 'variable': // it has another value on another connection
        return place.pass(NAME, this.#ground === 'show' || this.#ground === 'session');
      case 'setting':
        return place.pass(NAME, !(this.#ground === 'session' ? isOfServer : isOfConnection)(this.#tokens.text));
      case ':=':
        return place.pass(kind, !this.#mysql || this.#ground === 'session');
      case '.':
        return place.passPoint();
      case 'operator':
        return place.pass('+', true);
      default:
        return place.pass(kind, kind !== 'unknown');
    }
  }

  #word(text: string): boolean {
    const place = this.#place;
    if (place.last === '.') return place.passName(text) && !(this.#mysql && SEQUENCE_COLUMNS.includes(text));
    switch (text) {
      case 'delete':
      case 'merge':
        return false;
      case 'insert':
      case 'replace':
        return place.passWord(text, !place.wantsName());
      case 'update':
        return place.passWord(text, this.#locksForUpdate());
    }
    if (place.wantsName() && text !== 'not') return place.passName(text);
    return place.passWord(text, this.#keyword(text));
  }

  /** Is a word harmless that may be a keyword? Also notes what it says of the query it stands in. */
  #keyword(text: string): boolean {
    const { last } = this.#place;
    switch (text) {
      case 'into':
      case 'sql_calc_found_rows': // the next statement of this connection asks for what it counted
        return false;
      case 'for': // NEXT VALUE FOR
        return !this.#mysql || last !== 'value';
      case 'lock':
        this.locks ||= this.#mysql;
        return true;
      case 'with':
        if (last === '(' || last === START) this.#frame.step = 'name';
        return true;
      case 'select':
      case 'values':
      case 'table':
        this.#frame.holdsQuery ||= last === '(';
        return true;
      case 'global':
      case 'persist':
      case 'persist_only':
        return !this.#mysql || this.#ground !== 'session';
      default:
        return true;
    }
  }

  #quoted(): boolean {
    const isColumn = this.#mysql && this.#place.last === '.';
    return this.#place.passName('') && !(isColumn && SEQUENCE_COLUMNS.some((column) => this.#tokens.quotes(column)));
  }

  #open(): boolean {
    const opensQuery = this.#opensQuery;
    const callee = opensQuery ? '' : this.#place.callee();
    if (callee === undefined || this.#outer.length === DEEPEST) return false;
    const { last, before } = this.#place;
    const end = last === 'on' && before === 'distinct' ? ',' : ')';
    this.#outer.push(this.#frame);
    this.#frame = { callee, expectsQuery: opensQuery, holdsQuery: opensQuery, end, step: 'none' };
    this.#opensQuery = false;
    return this.#place.pass('(', true);
  }

  #close(): boolean {
    const inner = this.#frame;
    const outer = this.#outer.pop();
    if (outer === undefined) return false;
    if (outer.step === 'body') outer.step = 'closed';
    this.#frame = outer;
    this.#place.takesAlias = inner.callee !== '' || inner.holdsQuery;
    return this.#place.pass(inner.end, true);
  }

  #isHarmlessBehindFor(kind: TokenKind): boolean {
    const word = kind === 'word' ? this.#tokens.text : '';
    if (LOCKS.has(word)) {
      this.locks = true;
      return true;
    }
    if (this.#ground === 'show' || this.#ground === 'session') return true;
    return HARMLESS_BEHIND_FOR.has(word) || TAKES_FOR.has(this.#frame.callee) || this.#place.before === 'collation';
  }

  /** Is UPDATE here no verb: FOR UPDATE, FOR NO KEY UPDATE, or LOCK TABLE ... IN SHARE UPDATE EXCLUSIVE MODE? */
  #locksForUpdate(): boolean {
    const { last, before } = this.#place;
    if (this.#ground === 'session' && last === 'share') return true;
    return last === 'for' || (this.locks && last === 'key' && before === 'no');
  }

  #beginsQuery(kind: TokenKind): boolean {
    this.#frame.expectsQuery = false;
    this.#opensQuery = kind === '(';
    return kind === '(' || (kind === 'word' && QUERY_VERBS.has(this.#tokens.text));
  }

  #continuesWith(kind: TokenKind, step: WithStep): boolean {
    const next = nextStep(step, kind, kind === 'word' ? this.#tokens.text : '');
    if (next === undefined) return false;
    this.#frame.step = next;
    this.#place.namesNext = step === 'name' && next === 'named';
    this.#opensQuery = kind === '(' && (next === 'body' || next === 'none');
    return true;
  }
}
