/** A pin on its way between two units of work. */
export interface TravellingPin {
  /** The cluster's name; undefined: every cluster. */
  readonly cluster: string | undefined;
  /** Epoch milliseconds; reads stay on the primary until then. */
  readonly until: number;
  /** The primary that was written to, if known. */
  readonly primary: string | undefined;
}

const VERSION = '1';
/** Longer texts are not ours. */
const LONGEST = 2_048;
/** A pin that claims to last longer is not ours either, in milliseconds. */
const FAR_FUTURE_MS = 24 * 60 * 60 * 1_000;

/** Pins as a short text of letters, digits and `.~-_%`; empty for none. */
export function encodePins(pins: readonly TravellingPin[]): string {
  if (pins.length === 0) return '';
  const parts = pins.map(({ cluster = '', until, primary = '' }) =>
    [escape(cluster), Math.ceil(until).toString(36), escape(primary)].join('~'),
  );
  return [VERSION, ...parts].join('.');
}

/** The pins in a text that are not over at `now` (epoch milliseconds); none in a text that is not ours. Never throws. */
export function decodePins(text: unknown, now: number): readonly TravellingPin[] {
  return allPins(text, now)?.filter(({ until }) => until > now) ?? [];
}

/**
 * Whether a text is one that `session.export()` may have given, over or not: for a store, which must tell what is
 * garbage from what is not there. Never throws.
 */
export function arePins(text: unknown, now: number = Date.now()): text is string {
  return allPins(text, now) !== undefined;
}

/** Also those that are over; undefined for a text that is not ours. */
function allPins(text: unknown, now: number): readonly TravellingPin[] | undefined {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const [version, ...parts] = text.split('.');
  if (version !== VERSION || parts.length === 0) return undefined;
  const pins = parts.map((part) => decodePin(part, now));
  return pins.every((pin) => pin !== undefined) ? pins : undefined;
}

function decodePin(part: string, now: number): TravellingPin | undefined {
  const [cluster, until, primary, ...more] = part.split('~');
  if (cluster === undefined || until === undefined || primary === undefined || more.length > 0) return undefined;
  const names = [unescape(cluster), unescape(primary)];
  const at = /^[0-9a-z]{1,11}$/.test(until) ? Number.parseInt(until, 36) : Number.NaN;
  if (names.includes(undefined) || !(at <= now + FAR_FUTURE_MS)) return undefined;
  return { cluster: names[0] || undefined, until: at, primary: names[1] || undefined };
}

const escape = (name: string): string => encodeURIComponent(name).replace(/[.~!'()*]/g, hex);
const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

function unescape(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
