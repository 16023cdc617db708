import { continuesName, isDigit } from './characters.js';

const POINT = 0x2e;

export function endOfName(sql: string, from: number): number {
  let at = from;
  while (at < sql.length && continuesName(sql.charCodeAt(at))) at++;
  return at;
}

/** `name.name`, as behind `@@`. */
export function endOfPath(sql: string, from: number): number {
  let end = endOfName(sql, from);
  while (sql.charCodeAt(end) === POINT) end = endOfName(sql, end + 1);
  return end;
}

export function endOfDigits(sql: string, from: number): number {
  let at = from;
  while (isDigit(sql.charCodeAt(at))) at++;
  return at;
}

/** Index behind `.5e-3`, of which the point is at `point`. */
export function endOfFraction(sql: string, point: number): number {
  return endOfExponent(sql, endOfDigits(sql, point + 1));
}

/** Index behind `e-3`; `from`, if no exponent begins there. */
export function endOfExponent(sql: string, from: number): number {
  if ((sql.charCodeAt(from) | 0x20) !== 0x65) return from;
  const sign = sql.charCodeAt(from + 1);
  const digits = sign === 0x2b || sign === 0x2d ? from + 2 : from + 1;
  return isDigit(sql.charCodeAt(digits)) ? endOfDigits(sql, digits) : from;
}

/** JavaScript lowers U+212A to an ASCII `k`, and U+0130 to two letters; a server makes a keyword of neither. */
export function lowerCase(name: string): string {
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) > 127) return name;
  return name.toLowerCase();
}
