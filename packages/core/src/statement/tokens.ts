import type { Engine } from '../engine.js';
import { DIGIT, NAME, OPERATOR, SPACE, classOf, continuesName, isDigit } from './characters.js';
import { NONE, beginsComment, commentEnd, executableMark } from './comments.js';
import { type Backslash, UNSURE, endOfComment, endOfDollar, endOfQuoted } from './extents.js';
import { endOfDigits, endOfExponent, endOfFraction, endOfName, endOfPath, lowerCase } from './names-and-numbers.js';
import type { TokenKind } from './token-kind.js';

/** MySQL's executable comments are code to the servers they name and nothing to the others. */
export type ExecutableComments = 'code' | 'skipped';

/** How long the mark of one may be: a version has five or six digits, or is left out. */
const MARKS = new Set(['/*!'.length, '/*!50000'.length, '/*!100000'.length, '/*M!'.length, '/*M!100000'.length]);

/** Cuts a statement into tokens, each character looked at once. Comments and spaces lie between tokens. */
export class Tokens {
  kind: TokenKind = 'operator';
  /** What the executable comments seen so far begin with. */
  mark: string | undefined;
  /** Of a word or a setting, its name in lower case (as it is, if it has letters beyond ASCII). */
  text = '';
  readonly #sql: string;
  readonly #mysql: boolean;
  readonly #commentEnd: (sql: string, at: number, code: number) => number;
  readonly #plainString: Backslash;
  #start = 0;
  #at = 0;
  #beforeStart = 0;
  #beforeEnd = 0;
  #executable: ExecutableComments;
  #isInside = false;

  constructor(sql: string, engine: Engine, executable: ExecutableComments = 'code') {
    this.#executable = executable;
    this.#sql = sql;
    this.#mysql = engine === 'mysql';
    this.#commentEnd = commentEnd[engine];
    // MySQL's NO_BACKSLASH_ESCAPES is not allowed for: who sets it cannot use its drivers' escaping either.
    this.#plainString = this.#mysql ? 'escapes' : 'unsure';
  }

  next(): TokenKind {
    this.#beforeStart = this.#start;
    this.#beforeEnd = this.#at;
    this.kind = this.#read();
    return this.kind;
  }

  /** Where the token begins, for `rewind`. */
  get start(): number {
    return this.#start;
  }

  rewind(start: number): TokenKind {
    this.#at = start;
    return this.next();
  }

  /** Is this quoted name `name`, in whatever case? */
  quotes(name: string): boolean {
    if (this.#at - this.#start !== name.length + 2) return false;
    return this.#sql.slice(this.#start + 1, this.#at - 1).toLowerCase() === name;
  }

  /** Is the quoted name in front of this token `name`? */
  quotedBeforeIs(name: string): boolean {
    return this.#beforeEnd - this.#beforeStart === name.length + 2 && this.quotedBefore === name;
  }

  /** The quoted name in front of this token, without its quotes; a doubled quote inside stays doubled. */
  get quotedBefore(): string {
    return this.#sql.slice(this.#beforeStart + 1, this.#beforeEnd - 1);
  }

  #read(): TokenKind {
    const sql = this.#sql;
    for (;;) {
      const at = this.#at;
      this.#start = at;
      if (at >= sql.length) return 'end';
      const code = sql.charCodeAt(at);
      switch (classOf(code)) {
        case SPACE:
          this.#at++;
          continue;
        case NAME:
          return this.#word(at);
        case DIGIT:
          return this.#number(at);
        case OPERATOR: {
          const end = beginsComment(code) || this.#isInside ? this.#gap(at, code) : NONE;
          if (end === NONE) return this.#operator(at, code);
          if (end === UNSURE) return 'unknown';
          this.#at = end;
          continue;
        }
        default:
          return this.#other(at, code);
      }
    }
  }

  /** Index behind what lies between tokens here, be it a comment or the edge of an executable one. */
  #gap(at: number, code: number): number {
    const sql = this.#sql;
    if (this.#isInside && sql.startsWith('*/', at)) {
      this.#isInside = false;
      return at + 2;
    }
    const mark = this.#mysql ? executableMark(sql, at) : '';
    if (mark === '') return this.#commentEnd(sql, at, code);
    // With two different versions a server may run one and skip the other: more readings than we try.
    if (this.#isInside || !MARKS.has(mark.length) || (this.mark ?? mark) !== mark) return UNSURE;
    this.mark = mark;
    if (this.#executable === 'code') {
      this.#isInside = true;
      return at + mark.length;
    }
    const end = endOfComment(sql, at);
    return sql.lastIndexOf('/*', end - 2) > at ? UNSURE : end; // some servers nest them
  }

  #operator(at: number, code: number): TokenKind {
    if (code === 0x60 && this.#mysql) return this.#quoted(at, 'plain', 'quoted');
    this.#at = at + 1;
    if (code === 0x3a) {
      const next = this.#sql.charCodeAt(at + 1);
      if (next === 0x3d) return this.#advance(at + 2, ':=');
      if (next === 0x3a && !this.#mysql) return this.#advance(at + 2, '::');
    }
    return 'operator';
  }

  #other(at: number, code: number): TokenKind {
    this.#at = at + 1;
    switch (code) {
      case 0x28:
        return '(';
      case 0x29:
        return ')';
      case 0x2c:
        return ',';
      case 0x2e:
        if (!isDigit(this.#sql.charCodeAt(at + 1)) || this.#namesDigits(at)) return '.';
        return this.#advance(endOfFraction(this.#sql, at), 'literal');
      case 0x3b:
        return ';';
      case 0x5d:
        return ']';
      case 0x27:
        return this.#quoted(at, this.#plainString, 'literal');
      case 0x22:
        // A string to MySQL, a name under ANSI_QUOTES: where the two end at different quotes, neither is assumed.
        return this.#quoted(at, this.#mysql ? 'unsure' : 'plain', 'quoted');
      case 0x40:
        return this.#mysql ? this.#variable(at) : 'operator';
      case 0x24:
        return this.#mysql ? 'unknown' : this.#advance(endOfDollar(this.#sql, at), 'literal');
      case 0x7b:
      case 0x7d:
        return this.#mysql ? 'operator' : 'unknown';
      default:
        return 'unknown';
    }
  }

  #advance(end: number, kind: TokenKind): TokenKind {
    if (end === UNSURE) return 'unknown';
    this.#at = end;
    return kind;
  }

  #quoted(open: number, backslash: Backslash, kind: TokenKind): TokenKind {
    return this.#advance(endOfQuoted(this.#sql, open, backslash), kind);
  }

  #word(at: number): TokenKind {
    const end = endOfName(this.#sql, at + 1);
    return end === at + 1 && !this.#mysql ? this.#prefixed(at, end) : this.#name(at, end, 'word');
  }

  /** PostgreSQL: E'...', U&'...' and U&"..." are one token each. */
  #prefixed(at: number, behind: number): TokenKind {
    const sql = this.#sql;
    const letter = sql.charCodeAt(at) | 0x20;
    if (letter === 0x65 && sql[behind] === "'") return this.#quoted(behind, 'escapes', 'literal');
    if (letter === 0x75 && sql[behind] === '&') {
      const quote = sql[behind + 1];
      if (quote === "'") return this.#quoted(behind + 1, this.#plainString, 'literal');
      if (quote === '"') return this.#quoted(behind + 1, 'plain', 'quoted');
    }
    return this.#name(at, behind, 'word');
  }

  #name(from: number, end: number, kind: TokenKind): TokenKind {
    this.#at = end;
    this.text = lowerCase(this.#sql.slice(from, end));
    return kind;
  }

  #variable(at: number): TokenKind {
    if (this.#sql[at + 1] !== '@') return 'variable';
    const end = endOfPath(this.#sql, at + 2);
    return end > at + 2 ? this.#name(at + 2, end, 'setting') : 'unknown';
  }

  /** MySQL: in `t.1st` the digits behind the point begin a name. */
  #namesDigits(point: number): boolean {
    if (!this.#mysql || point === 0) return false;
    const before = this.#sql.charCodeAt(point - 1);
    return continuesName(before) || before === 0x60 || before === 0x22;
  }

  #number(at: number): TokenKind {
    const sql = this.#sql;
    const end = endOfDigits(sql, at + 1);
    const code = sql.charCodeAt(end);
    if (code === 0x2e) return this.#advance(endOfFraction(sql, end), 'literal');
    if (!continuesName(code)) return this.#advance(end, 'literal');
    const exponent = endOfExponent(sql, end);
    // MySQL's names may begin with digits; PostgreSQL before 15 read `limit 1for update` as four words.
    return exponent === end && this.#mysql
      ? this.#name(at, endOfName(sql, end), 'word')
      : this.#advance(exponent, 'literal');
  }
}
