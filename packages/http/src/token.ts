import { createHmac, timingSafeEqual } from 'node:crypto';

/** Longer tokens are not ours. */
const LONGEST = 4_096;

/** The pins of a session as a token: signed with the first secret, if there is one. */
export function seal(text: string, secrets: readonly string[]): string {
  const [secret] = secrets;
  return secret === undefined ? text : `${sign(text, secret)}:${text}`;
}

/** The pins in a token; undefined for one that is garbage, too long, or not signed by any of the secrets. Never throws. */
export function unseal(token: unknown, secrets: readonly string[]): string | undefined {
  if (typeof token !== 'string' || token === '' || token.length > LONGEST) return undefined;
  if (secrets.length === 0) return token;
  const end = token.indexOf(':');
  if (end < 0) return undefined;
  const [signature, text] = [token.slice(0, end), token.slice(end + 1)];
  return secrets.some((secret) => matches(signature, sign(text, secret))) ? text : undefined;
}

function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function matches(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
