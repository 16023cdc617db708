/** Part of no name and of no operator: quotes, brackets, control characters, and what no server reads as a name. */
const OTHER = 0;
export const SPACE = 1;
export const NAME = 2;
export const DIGIT = 3;
export const OPERATOR = 4;

const ascii = new Uint8Array(128);
for (const character of ' \t\n\v\f\r') ascii[character.charCodeAt(0)] = SPACE;
for (const character of '0123456789') ascii[character.charCodeAt(0)] = DIGIT;
for (const character of '!#%&*+-/:<=>?[^`|~') ascii[character.charCodeAt(0)] = OPERATOR;
for (let letter = 0; letter < 26; letter++) ascii[65 + letter] = ascii[97 + letter] = NAME;
ascii['_'.charCodeAt(0)] = NAME;

/**
 * Beyond ASCII every server reads letters as parts of a name. Spaces, marks without a width and halves of characters
 * are a matter of its character set, or were damaged on their way here: `OTHER`.
 */
function classBeyondAscii(code: number): number {
  if (code === 0xad || code === 0x1680 || code === 0x180e || code === 0x3000) return OTHER;
  if ((code >= 0x2000 && code <= 0x206f) || (code >= 0xd800 && code <= 0xdfff)) return OTHER;
  return code > 0xa0 && code < 0xfe00 ? NAME : OTHER; // NaN, behind the last character, is OTHER too
}

export function classOf(code: number): number {
  return code < 128 ? (ascii[code] ?? OTHER) : classBeyondAscii(code);
}

/** Both engines allow `$` inside a name, though not in front. */
const inside = ascii.map((found, code) => (found === NAME || found === DIGIT || code === 0x24 ? 1 : 0));

/** May this character stand inside a name? */
export function continuesName(code: number): boolean {
  return code < 128 ? inside[code] === 1 : classBeyondAscii(code) === NAME;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
