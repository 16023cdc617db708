import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '@sluice/core';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import { CookieJar } from 'tough-cookie';
import type { Application, Told } from './applications.js';
import { FRAMEWORKS } from './applications.js';

interface Reply {
  readonly status: number;
  readonly by: string | undefined;
  readonly setCookie: string | null;
  readonly headers: Headers;
}

/** A user with a cookie jar of their own. */
class User {
  readonly #url: string;
  readonly #jar = new CookieJar();
  readonly headers: Record<string, string> = {};

  constructor(url: string) {
    this.#url = url;
  }

  async send(method: string, path: string): Promise<Reply> {
    const cookie = await this.#jar.getCookieString(this.#url);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...this.headers,
        ...(cookie !== '' && { cookie }),
        ...(method === 'POST' && { 'content-type': 'application/json' }),
      },
      // a body, as frameworks read one in the context of its socket
      ...(method === 'POST' && { body: '{"a":1}' }),
    });
    const setCookie = response.headers.get('set-cookie');
    if (setCookie !== null) await this.#jar.setCookie(setCookie, this.#url);
    const text = await response.text();
    // a framework's own error page is no JSON
    const { by } = (text.startsWith('{') ? JSON.parse(text) : {}) as { by?: string };
    return { status: response.status, by, setCookie, headers: response.headers };
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string) => this.send('POST', path);
}

describe.each(FRAMEWORKS)('%s', (_name, start) => {
  let orm: FakeOrm;
  let application: Application | undefined;

  beforeEach(() => {
    orm = new FakeOrm(new FakeServers(), { router: new PinningReplicaRouter() });
  });
  afterEach(async () => {
    await application?.close();
    await orm.close();
  });

  const user = async (told: Told = {}): Promise<User> => {
    application = await start(orm, { cookie: { secure: false }, ...told });
    return new User(application.url);
  };

  it('pins nobody who only reads', async () => {
    const ada = await user();
    const reply = await ada.get('/');
    expect(reply).toMatchObject({ status: 200, setCookie: null });
    expect(reply.by).toMatch(/^replica/);
  });

  it('pins a request from its start if its method is none that only reads', async () => {
    const ada = await user();
    expect((await ada.post('/')).by).toBe('default');
    expect((await ada.get('/')).by).toBe('default');
  });

  it('pins the user who wrote, on any method, and nobody else', async () => {
    const ada = await user();
    const bob = new User(application?.url ?? '');
    const wrote = await ada.get('/write');
    expect(wrote.by).toBe('default');
    expect(wrote.setCookie).toMatch(/^sluice_pin=/);
    expect((await ada.get('/')).by).toBe('default');
    expect((await bob.get('/')).by).toMatch(/^replica/);
  });

  it('carries the window, and the attributes of the cookie', async () => {
    const ada = await user({ pinSeconds: 5, cookie: { name: 'pin', sameSite: 'strict', path: '/shop' } });
    const { setCookie } = await ada.post('/');
    expect(setCookie).toMatch(/^pin=[^;]+; Max-Age=5;/);
    for (const attribute of ['Path=/shop', 'HttpOnly', 'Secure', 'SameSite=Strict'])
      expect(setCookie).toContain(attribute);
  });

  it.each(['GET', 'POST'])('carries no more than the window, whatever that of the router is: %s', async (method) => {
    const ada = await user({ header: 'X-Pin', pinSeconds: 5 });
    const token = (await ada.send(method, '/write')).headers.get('x-pin') ?? '';
    const ends = [...token.matchAll(/~(\w+)~/g)].map(([, until = '']) => Number.parseInt(until, 36) - Date.now());
    expect(ends).toHaveLength(method === 'GET' ? 1 : 2);
    for (const left of ends) {
      expect(left).toBeLessThanOrEqual(5_000);
      expect(left).toBeGreaterThan(0);
    }
  });

  it.each(['/roll-back', '/nothing', '/log'])('leaves no pin behind %s', async (path) => {
    const ada = await user();
    const reply = await ada.get(path);
    expect(reply.by).toMatch(/^replica/);
    expect(reply.setCookie).toBeNull();
  });

  it('sends the pin of a handler that throws after its commit', async () => {
    const ada = await user();
    expect(await ada.get('/throw')).toMatchObject({ status: 500, setCookie: expect.stringMatching(/^sluice_pin=/) });
    expect((await ada.get('/')).by).toBe('default');
  });

  it('does not renew a pin that it only reads by', async () => {
    const ada = await user();
    await ada.post('/');
    expect((await ada.get('/')).setCookie).toBeNull();
  });

  it('pins on the method alone, or on writes alone, if it is told to', async () => {
    const ada = await user({ pinOn: 'method' });
    expect((await ada.get('/write')).setCookie).toBeNull();
    expect((await ada.post('/')).setCookie).toMatch(/^sluice_pin=/);
    await application?.close();
    const bob = await user({ pinOn: 'write' });
    expect(await bob.post('/')).toMatchObject({ setCookie: null, by: expect.stringMatching(/^replica/) });
    expect((await bob.get('/write')).setCookie).toMatch(/^sluice_pin=/);
  });

  it('pins no next request with a window of 0', async () => {
    const ada = await user({ pinSeconds: 0 });
    expect((await ada.post('/write')).setCookie).toBeNull();
    expect(await ada.post('/')).toMatchObject({ by: 'default', setCookie: null });
  });

  it('takes a header instead of the cookie', async () => {
    const ada = await user({ header: 'X-Pin' });
    const { headers, setCookie } = await ada.post('/write');
    expect(setCookie).toBeNull();
    ada.headers['x-pin'] = headers.get('x-pin') ?? '';
    expect((await ada.get('/')).by).toBe('default');
  });

  it('believes a signed pin only, and verifies with every key', async () => {
    const ada = await user({ header: 'X-Pin', secrets: ['new', 'old'] });
    const token = (await ada.post('/write')).headers.get('x-pin') ?? '';
    ada.headers['x-pin'] = token;
    expect((await ada.get('/')).by).toBe('default');
    ada.headers['x-pin'] = token.slice(0, 2) + (token[2] === 'A' ? 'B' : 'A') + token.slice(3);
    expect((await ada.get('/')).by).toMatch(/^replica/);
    ada.headers['x-pin'] = token.slice(token.indexOf(':') + 1);
    expect((await ada.get('/')).by).toMatch(/^replica/);
  });

  it('leaves requests alone that it is told to skip', async () => {
    const ada = await user({ skipPath: '/asset' });
    expect((await ada.post('/asset')).setCookie).toBeNull();
  });

  it('reads by other methods if it is told which', async () => {
    const ada = await user({ readMethods: ['GET', 'post'] });
    expect((await ada.post('/')).setCookie).toBeNull();
  });

  it('keeps requests apart that come at once', async () => {
    const ada = await user();
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        new User(application?.url ?? '').send(index % 2 === 0 ? 'POST' : 'GET', '/'),
      ),
    );
    for (const [index, { by }] of replies.entries()) {
      if (index % 2 === 0) expect(by).toBe('default');
      else expect(by).toMatch(/^replica/);
    }
    expect((await ada.get('/')).by).toMatch(/^replica/);
  });

  it('treats garbage as absent', async () => {
    const ada = await user({ header: 'X-Pin' });
    for (const garbage of ['y', '1.', '1.~~', '1.~zzzzzzzzzzz~', '1.%~1~', 'x'.repeat(5_000), '2.~mi9z~']) {
      ada.headers['x-pin'] = garbage;
      expect((await ada.get('/')).by).toMatch(/^replica/);
    }
  });
});
