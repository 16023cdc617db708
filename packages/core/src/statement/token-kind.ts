/** What `Tokens` tells apart. */
export type TokenKind =
  /** An unquoted keyword or name. */
  | 'word'
  /** A name in quotes; on MySQL a text in double quotes too, which is a name or a string as ANSI_QUOTES says. */
  | 'quoted'
  /** A string, a number, `$1`. */
  | 'literal'
  /** MySQL's `@name`. */
  | 'variable'
  /** MySQL's `@@name`. */
  | 'setting'
  | '('
  | ')'
  | ']'
  | ','
  | '.'
  | ';'
  | '::'
  | ':='
  | 'operator'
  | 'end'
  /** Nothing of which it is sure where it ends or what it means. */
  | 'unknown';
