import { SluiceError } from './errors.js';

/**
 * Refuses an option that is not known, with the nearest known name, and options that are no object.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function refuseUnknown(where: string, given: object, known: readonly string[]): void {
  if (!isRecord(given)) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `the options of ${where} are ${show(given)}; give an object with any of ${known.join(', ')}`,
    );
  }
  for (const option of Object.keys(given)) {
    if (known.includes(option)) continue;
    const near = nearest(option, known);
    throw new SluiceError(
      'SLUICE_CONFIG',
      `${where} has no option "${option}"${near === undefined ? '' : `, did you mean "${near}"?`}; allowed are ${known.join(', ')}`,
    );
  }
}

/**
 * A finite number within bounds; anything else is refused with what came and what is allowed.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function numberOption(
  option: string,
  given: unknown,
  { min, fallback }: { readonly min: number; readonly fallback: number },
): number {
  if (given === undefined) return fallback;
  if (typeof given === 'number' && Number.isFinite(given) && given >= min) return given;
  throw new SluiceError(
    'SLUICE_CONFIG',
    `${option} is ${show(given)}; give a number of at least ${min} (default: ${fallback === Infinity ? 'no limit' : fallback})`,
  );
}

/**
 * One of a few words; anything else is refused with what came and what is allowed.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function oneOf<T extends string>(option: string, given: unknown, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === given);
  if (found !== undefined) return found;
  throw new SluiceError('SLUICE_CONFIG', `${option} is ${show(given)}; allowed are ${allowed.map(show).join(', ')}`);
}

/** Whether a value is an object of options. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, and never throwing. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `an object of class ${value.constructor?.name ?? 'none'}`;
}

/** The known word that needs the fewest edits, if it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
