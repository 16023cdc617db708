import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type ExecutionContext, Inject } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { runInSession, type Session, currentSession, UsePrimary } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { SluiceModule, type SluiceModuleOptions } from '@sluice/nestjs';
import { concat, defer, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { type Application, fakeOrm, PRIMARY, providing, REPLICA, started } from './support/application.js';
import { User } from '../support/user.js';

const sessions: (Session | undefined)[] = [];

@Controller()
class Notes {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @MessagePattern('read')
  read() {
    sessions.push(currentSession());
    return this.orm.read(1);
  }

  @MessagePattern('write')
  async write() {
    const before = await this.orm.read(1);
    await this.orm.write(1, 'written');
    const after = await this.orm.read(1);
    return { before: before.by, after: after.by, pins: currentSession()?.export() };
  }

  @MessagePattern('stream')
  stream() {
    sessions.push(currentSession());
    const by = defer(async () => (await this.orm.read(1)).by);
    return concat(
      by,
      defer(() => this.orm.write(1, 'written').then(() => 'wrote')),
      by,
    );
  }

  @MessagePattern('fails')
  fails(): never {
    sessions.push(currentSession());
    throw new Error('on purpose');
  }

  @UsePrimary()
  @MessagePattern('fresh')
  fresh() {
    return this.orm.read(1);
  }

  @EventPattern('happened')
  async happened(@Payload() { done }: { done: string }) {
    DONE.get(done)?.((await this.orm.read(1)).by);
  }

  @MessagePattern('http')
  http() {
    return this.orm.read(1);
  }
}

const DONE = new Map<string, (by: string) => void>();

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
const pinsOf = (context: ExecutionContext): string | undefined =>
  context.switchToRpc().getData<{ pins?: string }>()?.pins;

describe('handlers of messages', () => {
  let orm: FakeOrm;
  let client: ClientProxy;
  let close: () => Promise<unknown>;

  beforeEach(() => {
    orm = fakeOrm();
    sessions.length = 0;
  });
  afterEach(async () => {
    client?.close();
    await close?.();
    await orm.close();
  });

  const serve = async (options: SluiceModuleOptions = {}): Promise<void> => {
    const tcp = { host: '127.0.0.1', port: await freePort() };
    class Root {}
    const app = await NestFactory.createMicroservice(
      { module: Root, imports: [SluiceModule.forRoot(options)], controllers: [Notes], providers: [providing(orm)] },
      { transport: Transport.TCP, options: tcp, logger: false, abortOnError: false },
    );
    await app.listen();
    close = () => app.close();
    client = ClientProxyFactory.create({ transport: Transport.TCP, options: tcp });
  };
  const send = (pattern: string, message: object = {}): Promise<any> => firstValueFrom(client.send(pattern, message));

  it('read their own writes', async () => {
    await serve();
    expect(await send('write')).toMatchObject({ before: REPLICA, after: PRIMARY });
  });

  it('have one session for each message, closed at its end', async () => {
    await serve();
    await send('write');
    expect(await send('read')).toMatchObject({ by: REPLICA });
    await send('read');
    expect(new Set(sessions).size).toBe(2);
    expect(sessions.every((session) => session?.closed)).toBe(true);
  });

  it('close the session of a handler that fails', async () => {
    await serve();
    await expect(send('fails')).rejects.toBeDefined();
    expect(sessions[0]?.closed).toBe(true);
  });

  it('keep the session in a stream of answers, until its end', async () => {
    await serve();
    const answers = await lastValueFrom(client.send('stream', {}).pipe(toArray()));
    expect(answers).toEqual([REPLICA, 'wrote', PRIMARY]);
    expect(sessions[0]?.closed).toBe(true);
  });

  it('take the pins that a message brings, if they are told where', async () => {
    await serve({ messagePins: pinsOf });
    const { pins } = await send('write');
    expect(await send('read', { pins })).toMatchObject({ by: PRIMARY });
    expect(await send('read', {})).toMatchObject({ by: REPLICA });
    expect(await send('read', { pins: 'garbage' })).toMatchObject({ by: REPLICA });
    expect(await send('read', { pins: 1 })).toMatchObject({ by: REPLICA });
  });

  it('believe no pin for longer than the window', async () => {
    await serve({ messagePins: pinsOf, pinSeconds: 0 });
    const pins = await runInSession(async (session) => {
      session.pin({ seconds: 3_600 });
      return session.export();
    });
    expect(await send('read', { pins })).toMatchObject({ by: REPLICA });
  });

  it('have sessions for events, too', async () => {
    await serve({ messagePins: pinsOf });
    const { pins } = await send('write');
    const by = new Promise((resolve) => void DONE.set('1', resolve));
    await lastValueFrom(client.emit('happened', { done: '1', pins }), { defaultValue: undefined });
    expect(await by).toBe(PRIMARY);
  });

  it('may be decorated', async () => {
    await serve();
    expect(await send('fresh')).toMatchObject({ by: PRIMARY });
  });

  it('have sessions of their own in an application that serves HTTP as well', async () => {
    const tcp = { host: '127.0.0.1', port: await freePort() };
    const application: Application = await started('Fastify', {
      controllers: [Notes],
      providers: [providing(orm)],
      prepare: async (app) => {
        app.connectMicroservice({ transport: Transport.TCP, options: tcp }, { inheritAppConfig: true });
        await app.startAllMicroservices();
      },
    });
    close = application.close;
    client = ClientProxyFactory.create({ transport: Transport.TCP, options: tcp });
    expect(await send('write')).toMatchObject({ before: REPLICA, after: PRIMARY });
    expect(await new User(application.url).get('/')).toMatchObject({ status: 404 });
  });
});
