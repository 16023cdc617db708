import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '@sluice/core';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import { Agent, request } from 'node:http';
import { User } from '../../../test/support/user.js';
import { type Application, FRAMEWORKS, type Told } from './applications.js';

// Those of django-multidb-router's own 25 test cases that need HTTP, by their names; the others are in
// packages/core/test/seeds/multidb-suite.test.ts.

const PRIMARY = { by: 'default' };
const REPLICA = { by: expect.stringMatching(/^replica-/) };

describe.each(FRAMEWORKS)('on %s', (_name, start) => {
  let orm: FakeOrm;
  let application: Application | undefined;

  beforeEach(() => {
    orm = new FakeOrm(new FakeServers(), { router: new PinningReplicaRouter() });
  });
  afterEach(async () => {
    await application?.close();
    await orm.close();
  });

  const user = async (told: Told = { cookie: { secure: false } }): Promise<User> => {
    application = await start(orm, told);
    return new User(application.url);
  };
  /** The attributes of the cookie that a POST sets, without the pin itself. */
  const cookieOf = async (told: Told): Promise<readonly string[]> => {
    const { setCookie } = await (await user(told)).post('/');
    return (setCookie ?? '')
      .replace(/=[^;]+/, '')
      .split('; ')
      .toSorted();
  };

  describe('SettingsTests', () => {
    it('case 5: test_defaults: name, seconds, SameSite, Secure and HttpOnly, of which the last two are off there', async () => {
      expect(await cookieOf({})).toEqual(['HttpOnly', 'Max-Age=15', 'Path=/', 'SameSite=Lax', 'Secure', 'sluice_pin']);
    });

    it('case 6: test_overrides: each of them', async () => {
      const cookie = { name: 'override_pin_writes', secure: false, httpOnly: false, sameSite: 'strict' } as const;
      expect(await cookieOf({ pinSeconds: 60, cookie })).toEqual([
        'Max-Age=60',
        'Path=/',
        'SameSite=Strict',
        'override_pin_writes',
      ]);
    });
  });

  describe('MiddlewareTests', () => {
    it('case 10: test_pin_on_cookie: a request that brings the cookie reads from default', async () => {
      const ada = await user();
      await ada.post('/');
      expect((await ada.get('/')).body).toMatchObject(PRIMARY);
    });

    it('case 11: test_unpin_on_no_cookie: one without it reads from a replica, also behind a pinned one on the same connection', async () => {
      await user();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        const [pinned, plain] = [await once('POST', agent), await once('GET', agent)];
        expect(pinned.body).toMatchObject(PRIMARY);
        expect(plain.body).toMatchObject(REPLICA);
        expect(plain.port).toBe(pinned.port);
      } finally {
        agent.destroy();
      }
    });

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
      'case 12: test_pin_on_post: a request by %s reads from default',
      async (method) => {
        expect((await (await user()).send(method, '/')).body).toMatchObject(PRIMARY);
      },
    );

    it.each(['GET', 'TRACE', 'HEAD', 'OPTIONS'])(
      'case 13: test_process_response: %s sets no cookie',
      async (method) => {
        await user();
        expect((await once(method)).setCookie).toBeUndefined();
      },
    );

    it('case 13: test_process_response: POST sets it, with its attributes, and renews one that is there', async () => {
      const ada = await user();
      const attributes = /^sluice_pin=[^;]+; Max-Age=15; Path=\/; HttpOnly; SameSite=Lax$/;
      const first = await ada.post('/');
      const second = await ada.post('/');
      expect([first.setCookie, second.setCookie]).toEqual([
        expect.stringMatching(attributes),
        expect.stringMatching(attributes),
      ]);
    });

    it('case 14: test_attribute: a session that is marked as written sets it, and its own request reads from a replica', async () => {
      const ada = await user();
      expect(await ada.get('/marked')).toMatchObject({
        body: REPLICA,
        setCookie: expect.stringMatching(/^sluice_pin=/),
      });
      expect((await ada.get('/')).body).toMatchObject(PRIMARY);
    });

    it('case 15: test_db_write_decorator: a plain handler sets no cookie, a decorated one does, and reads from default', async () => {
      const ada = await user();
      expect(await ada.get('/')).toMatchObject({ body: REPLICA, setCookie: null });
      expect(await ada.get('/decorated')).toMatchObject({
        body: PRIMARY,
        setCookie: expect.stringMatching(/^sluice_pin=/),
      });
    });
  });

  interface Answer {
    readonly body: unknown;
    readonly setCookie: readonly string[] | undefined;
    /** From which the request was sent. */
    readonly port: number | undefined;
  }

  /** One request without any cookie, by any method. */
  function once(method: string, agent?: Agent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${application?.url}/`, { agent, method }, (response) => {
        const { headers, socket } = response;
        const { localPort: port } = socket;
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => {
          resolve({ body: text.startsWith('{') ? JSON.parse(text) : text, setCookie: headers['set-cookie'], port });
        });
      });
      sent.once('error', reject).end();
    });
  }
});
