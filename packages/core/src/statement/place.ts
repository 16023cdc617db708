import type { Engine } from '../engine.js';
import { FUNCTIONS } from './functions.js';
import { LITERAL, NAME, OPENERS, type Openers, opens } from './openers.js';
import type { TokenKind } from './token-kind.js';
import type { Tokens } from './tokens.js';

/** Nothing stands in front. */
export const START = '';

/** What is remembered of the tokens behind: enough to tell a name from a keyword, and a call from other parentheses. */
export class Place {
  lastKind: TokenKind | undefined;
  /** Of the last token and the one before: the word, if it may be a keyword, else what kind of thing it was. */
  last: string;
  before = START;
  /** The next word is a name, whatever it says. */
  namesNext = false;
  /** The parentheses last closed held a query or arguments, so a name behind them is their alias. */
  takesAlias = false;
  readonly #tokens: Tokens;
  readonly #mysql: boolean;
  readonly #functions: ReadonlySet<string>;
  readonly #openers: Openers;
  /** The last word, also if it is only a name. */
  #text: string;
  /** The last name stands where only a name can, so parentheses behind it hold its columns or its precision. */
  #isNamed = false;
  /** What stands in front of the last point; of a value, as in `('s'::regclass).nextval`, PostgreSQL calls a function. */
  #owner: 'none' | 'pg_catalog' | 'name' | 'value' = 'none';

  constructor(tokens: Tokens, engine: Engine, last: string) {
    this.#tokens = tokens;
    this.#mysql = engine === 'mysql';
    this.#functions = FUNCTIONS[engine];
    this.#openers = OPENERS[engine];
    this.lastKind = last === START ? undefined : 'word';
    this.last = last;
    this.#text = last;
  }

  /** Moves behind a token; hands on whether it is harmless. */
  pass(sign: string, isHarmless: boolean): boolean {
    this.before = this.last;
    this.last = sign;
    this.#isNamed = false;
    this.#owner = 'none';
    return isHarmless;
  }

  passWord(word: string, isHarmless: boolean): boolean {
    this.#text = word;
    return this.pass(word, isHarmless);
  }

  passLiteral(): boolean {
    return this.pass(LITERAL, this.last !== '.');
  }

  /** Does the grammar want a name here: an alias, a type, a CTE's name? */
  wantsName(): boolean {
    return this.namesNext || this.last === 'as' || this.last === '::';
  }

  /** Moves behind a name, quoted or not; `word` is '' if it is quoted. */
  passName(word: string): boolean {
    const owner = this.last === '.' ? this.#owner : 'none';
    const isNamed = this.last === '.' ? this.#isNamed : this.wantsName();
    this.namesNext = false;
    this.pass(NAME, true);
    this.#text = word;
    this.#isNamed = isNamed;
    this.#owner = owner;
    return owner !== 'value';
  }

  passPoint(): boolean {
    const isNamed = this.#isNamed;
    const owner = this.#ownerHere();
    this.pass('.', true);
    this.#isNamed = isNamed;
    this.#owner = owner;
    return true;
  }

  #ownerHere(): 'pg_catalog' | 'name' | 'value' {
    if (this.lastKind !== 'word' && this.lastKind !== 'quoted') return 'value';
    if (this.#mysql || this.#owner !== 'none') return 'name';
    const isCatalog =
      this.lastKind === 'word' ? this.#text === 'pg_catalog' : this.#tokens.quotedBeforeIs('pg_catalog');
    return isCatalog ? 'pg_catalog' : 'name';
  }

  /** The harmless function that a parenthesis here calls, '' if it calls none, undefined if that is not known. */
  callee(): string | undefined {
    if (this.lastKind === 'literal') return undefined;
    if (this.#isNamed || (this.lastKind !== 'word' && this.lastKind !== 'quoted')) return '';
    const isQuoted = this.lastKind === 'quoted';
    // MySQL never calls its own COUNT by `count`: a quoted name is a user's function.
    const name = isQuoted ? (this.#mysql ? '' : this.#tokens.quotedBefore) : this.#text;
    const called = this.#functions.has(name) ? name : undefined;
    if (this.#owner !== 'none') return this.#owner === 'pg_catalog' ? called : undefined;
    if (called !== undefined) return called;
    if (!isQuoted && opens(this.#openers, name, this.before)) return '';
    const isAlias = (this.before === ')' && this.takesAlias) || this.before === 'ordinality';
    return isAlias && name !== 'operator' ? '' : undefined; // f(x) OPERATOR(pg_catalog.+) ...
  }
}
