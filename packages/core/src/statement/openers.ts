import type { Engine } from '../engine.js';
import { NAME as NAME_CLASS, classOf } from './characters.js';
import { wordSet } from './word-set.js';

/** What the walk remembers of a token that is no keyword; of a keyword, and of what may be one, it remembers the word. */
export const NAME = '<name>';
export const LITERAL = '<literal>';
/** In the sets below: any value. */
const OPERAND = '<operand>';

/**
 * Keywords behind which a parenthesis calls nothing. `undefined`: wherever they stand, for no server lets a user's function
 * be called by that name. A set: only behind one of these.
 */
export type Openers = ReadonlyMap<string, ReadonlySet<string> | undefined>;

function openers(anywhere: ReadonlySet<string>, behind: Readonly<Record<string, readonly string[]>> = {}): Openers {
  const found = new Map<string, ReadonlySet<string> | undefined>();
  for (const word of anywhere) found.set(word, undefined);
  for (const [word, before] of Object.entries(behind)) found.set(word, new Set(before));
  return found;
}

export const OPENERS: Readonly<Record<Engine, Openers>> = {
  mysql: openers(
    wordSet(
      `all and any as between both by case cross distinct distinctrow div else except exists for from group having
       high_priority in index inner intersect is join key leading like limit mod natural not offset on or order outer
       over partition range regexp rlike row rows select separator some sounds sql_big_result sql_buffer_result
       sql_no_cache sql_small_result straight_join table then to trailing union using values when where window with xor`,
    ),
    {
      against: [')'],
      columns: [LITERAL],
      lateral: ['join', ','],
      of: ['member'],
    },
  ),
  postgres: openers(
    wordSet(
      `all and any array as asymmetric between both case default distinct else except exists fetch for from group having
       in intersect lateral leading limit not offset on only or order placing returning row select some symmetric table
       then to trailing union using values variadic when where window with`,
    ),
    {
      by: ['group', 'order', 'partition'],
      columns: [NAME, LITERAL],
      filter: [')'],
      first: ['fetch'],
      ilike: [OPERAND],
      join: [OPERAND],
      like: [OPERAND],
      next: ['fetch'],
      over: [')', 'nulls'],
      overlaps: [OPERAND],
      passing: [LITERAL],
      repeatable: [')'],
      sets: ['grouping'],
      system: ['tablesample'],
      bernoulli: ['tablesample'],
      value: [LITERAL],
      zone: ['time'],
    },
  ),
};

/** Does a parenthesis behind `word`, which stands behind `before`, call nothing? */
export function opens(known: Openers, word: string, before: string): boolean {
  if (!known.has(word)) return false;
  const behind = known.get(word);
  if (behind === undefined || behind.has(before)) return true;
  return behind.has(OPERAND) && isOperand(known, before);
}

function isOperand(known: Openers, sign: string): boolean {
  if (sign === NAME || sign === LITERAL || sign === ')' || sign === ']') return true;
  return classOf(sign.charCodeAt(0)) === NAME_CLASS && !known.has(sign);
}
