import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PinningReplicaRouter } from '@sluice/core';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import { once } from 'node:events';
import { connect } from 'node:net';
import { User } from '../../../test/support/user.js';
import { gate } from '../../core/test/support/turns.js';
import { warnings } from '../../core/test/support/warnings.js';
import { type Application, FRAMEWORKS, type Told } from './applications.js';

const REPLICA = expect.stringMatching(/^replica-/);

describe.each(FRAMEWORKS)('%s', (_name, start) => {
  const warned = warnings();
  let orm: FakeOrm;
  let application: Application | undefined;

  beforeEach(() => {
    orm = new FakeOrm(new FakeServers(), { router: new PinningReplicaRouter() });
  });
  afterEach(async () => {
    await application?.close();
    await orm.close();
  });

  /** The application's address, what lets its late handlers go on, and by whom they read. */
  async function late(told: Told = {}) {
    const { open, opened } = gate();
    const read: { by?: string } = {};
    const over = new Promise<void>((resolve) => {
      const heard = (by: string): void => {
        read.by = by;
        resolve();
      };
      const more = { late: { seen: opened, read: heard }, cookie: { secure: false } };
      started = start(orm, { ...more, ...told });
    });
    application = await started;
    return { url: application.url, goOn: open, over, read };
  }
  let started: Promise<Application>;

  it('pins the session of a streamed response that has begun, says once that it could not tell, and goes on', async () => {
    const { url, goOn } = await late();
    const both = await Promise.all([fetch(`${url}/streamed`), fetch(`${url}/streamed`)]);
    goOn();
    for (const response of both) {
      expect(await response.json()).toEqual({ by: 'default' });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null]);
    }
    expect(warned).toEqual([
      { code: 'SLUICE_LATE_PIN', message: expect.stringContaining('after its headers were sent') },
    ]);
  });

  it('tells of a streamed response that was pinned when it began, and has nothing to say of its later write', async () => {
    const { url, goOn } = await late();
    const response = await fetch(`${url}/streamed`, { method: 'POST' });
    goOn();
    expect(await response.json()).toEqual({ by: 'default' });
    expect(response.headers.get('set-cookie')).toMatch(/^sluice_pin=/);
    expect(warned).toEqual([]);
  });

  it('lets a session outlive its response, and says once that it could not tell of its write', async () => {
    const { url, goOn, over, read } = await late();
    await (await fetch(`${url}/outliving`)).text();
    goOn();
    await over;
    expect(read.by).toBe('default');
    expect(warned).toMatchObject([{ code: 'SLUICE_LATE_PIN' }]);
  });

  it.each(['/streamed', '/outliving'])('keeps what %s writes late in a store', async (path) => {
    const kept: string[] = [];
    const saved = gate();
    const store = {
      load: async () => kept.at(-1),
      save: async (id: string, pins: string) => {
        expect(id).toBe('ada');
        kept.push(pins);
        saved.open();
      },
    };
    const { url, goOn } = await late({ store, id: 'ada' });
    const response = await fetch(`${url}${path}`);
    if (path === '/outliving') await response.text();
    expect((await new User(url).get('/')).body).toMatchObject({ by: REPLICA });
    goOn();
    await saved.opened;
    expect((await new User(url).get('/')).body).toMatchObject({ by: 'default' });
    expect(warned).toEqual([]);
  });

  it('keeps apart the requests that are under way on one connection at once', async () => {
    const { url } = await late();
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const ask = (method: string, more = ''): string =>
      `${method} / HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: 7\r\n${more}\r\n{"a":1}`;
    const methods = Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? 'POST' : 'QUERY'));
    let answers = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
    socket.write(`${methods.map((method) => ask(method)).join('')}${ask('POST', 'Connection: close\r\n')}`);
    await once(socket, 'close');
    const by = [...answers.matchAll(/"by":"([^"]+)"/g)].map(([, name]) => name);
    expect(by).toEqual([...methods, 'POST'].map((method) => (method === 'POST' ? 'default' : REPLICA)));
    expect(answers.match(/^set-cookie: sluice_pin=/gim)).toHaveLength(8);
  });
});
