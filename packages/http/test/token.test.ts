import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@sluice/core/testing';
import { Session } from '@sluice/core';
import { Pins } from '@sluice/http';

const request = (token: string) => ({
  method: 'GET',
  // as a header, since a cookie's parser would mend some of the garbage
  header: (name: string) => (name === 'x-pin' ? token : undefined),
});

/** Random texts, and a good token with bytes changed, added, removed and repeated. */
function* garbage(count: number, good: string): Generator<string> {
  const clock = new ManualClock(7);
  const below = (limit: number): number => Math.floor(clock.random() * limit);
  const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEF.~:-_%;= ';
  const letter = (): string => alphabet[below(alphabet.length)] ?? '0';
  for (let index = 0; index < count; index += 1) {
    if (index % 2 === 0) {
      yield Array.from({ length: below(120) }, letter).join('');
      continue;
    }
    let text = good;
    for (let change = below(4); change >= 0; change -= 1) {
      const at = below(text.length);
      const cut = below(3);
      text = text.slice(0, at) + letter().repeat(below(3)) + text.slice(at + cut);
    }
    yield text;
  }
}

/** A token of a session that is pinned for 15 s. */
function goodToken(secrets: readonly string[]): string {
  const pins = new Pins({ secrets });
  const pin = pins.open({}, { method: 'POST', header: () => undefined });
  const header = pin?.header();
  return /^sluice_pin=([^;]*)/.exec(header?.value ?? '')?.[1] ?? '';
}

describe('100,000 garbage tokens', () => {
  it('never pin beyond the window, and never throw, without a secret', () => {
    const pins = new Pins({ pinSeconds: 15, header: 'X-Pin' });
    const byCookie = new Pins({ pinSeconds: 15 });
    let pinned = 0;
    for (const token of garbage(100_000, goodToken([]))) {
      byCookie.open({}, { method: 'GET', header: () => `sluice_pin=${token}` });
      const session = pins.open({}, request(token))?.session ?? new Session();
      if (!session.pinned()) continue;
      pinned += 1;
      const beyond = new Session({ from: session.export(), clock: Object.assign(new ManualClock(), later(15_001)) });
      if (beyond.pinned()) throw new Error(`pins beyond the window: ${token}`);
    }
    // a token whose time alone was changed is a pin like any other, within the window
    expect(pinned).toBeGreaterThan(0);
  });

  it('never pin at all with a secret, unless they are the good one', () => {
    const good = goodToken(['key']);
    const pins = new Pins({ secrets: ['key'], header: 'X-Pin' });
    expect(pins.open({}, request(good))?.session.pinned()).toBe(true);
    let different = 0;
    for (const token of garbage(100_000, good)) {
      if (token === good) continue;
      different += 1;
      if (pins.open({}, request(token))?.session.pinned() !== false) throw new Error(`believed: ${token}`);
    }
    expect(different).toBeGreaterThan(80_000);
  });
});

/** A wall clock that is so much later than now. */
function later(ms: number): { epoch(): number } {
  const at = Date.now() + ms;
  return { epoch: () => at };
}

describe('a token', () => {
  it.each([
    ['a far future', '1.~zzzzzzzzzz~'],
    ['8 KB', `1.~${'0'.repeat(8_192)}~`],
    ['another version', `2.~${(Date.now() + 5_000).toString(36)}~`],
    ['a broken name', `1.%E0%A4%A~${(Date.now() + 5_000).toString(36)}~`],
  ])('of %s is as if absent', (_what, token) => {
    expect(new Pins({ header: 'X-Pin' }).open({}, request(token))?.session.pinned()).toBe(false);
  });

  it('without a secret is clamped to the window', () => {
    const hour = (Date.now() + 3_600_000).toString(36);
    const session = new Pins({ pinSeconds: 2, header: 'X-Pin' }).open({}, request(`1.~${hour}~`))?.session;
    expect(session?.pinned()).toBe(true);
    const after = new Session({ from: session?.export(), clock: Object.assign(new ManualClock(), later(2_001)) });
    expect(after.pinned()).toBe(false);
  });

  it('names the cluster and its primary', () => {
    const until = (Date.now() + 5_000).toString(36);
    const session = new Session({ from: `1.shop%7E1~${until}~primary-b` });
    expect(session.pinned('shop~1')).toBe(true);
    expect(session.pinned('other')).toBe(false);
  });
});

describe('bad options', () => {
  it.each([
    [{ pinSeconds: -1 }, /pinSeconds is -1/],
    [{ pinOn: 'get' }, /pinOn is "get".*"method", "write", "either"/],
    [{ cookie: { name: 'a b' } }, /name of cookie is "a b"/],
    [{ cookie: { sameSite: 'Lax' } }, /sameSite of cookie is "Lax"/],
    [{ cookie: { nam: 'x' } }, /did you mean "name"/],
    [{ header: 'X Pin' }, /header is "X Pin"/],
    [{ secrets: 'key' }, /secrets is "key"/],
    [{ readMethods: ['', 'GET'] }, /readMethods is an array/],
    [{ skip: true }, /skip is true/],
    [{ pinSecond: 1 }, /did you mean "pinSeconds"/],
  ])('%j are refused with what came and what is allowed', (options, message) => {
    expect(() => new Pins(options as never)).toThrow(message);
    expect(() => new Pins(options as never)).toThrow(expect.objectContaining({ code: 'SLUICE_CONFIG' }));
  });
});
