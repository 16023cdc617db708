import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ExecutionContext, Inject, UseInterceptors } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { currentSession, UsePrimary } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { SessionInterceptor } from '@sluice/nestjs';
import { type Platform, PLATFORMS, PRIMARY, REPLICA } from './support/application.js';
import { stageForEach } from './support/stage.js';
import { Socket } from './support/socket.js';

@UseInterceptors(SessionInterceptor)
@WebSocketGateway()
class Notes {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @SubscribeMessage('read')
  async read() {
    return { event: 'read', data: { by: (await this.orm.read(1)).by } };
  }

  @SubscribeMessage('write')
  async write() {
    await this.orm.write(1, 'written');
    return { event: 'write', data: { by: (await this.orm.read(1)).by, pins: currentSession()?.export() } };
  }

  @UsePrimary()
  @SubscribeMessage('fresh')
  async fresh() {
    return { event: 'fresh', data: { by: (await this.orm.read(1)).by } };
  }
}

describe.each(PLATFORMS)('messages over a WebSocket on %s', (platform: Platform) => {
  const stage = stageForEach();
  let socket: Socket;
  let asked: number;

  beforeEach(async () => {
    asked = 0;
    const messagePins = (context: ExecutionContext): string | undefined => {
      asked += 1;
      return context.switchToWs().getData<{ pins?: string }>()?.pins;
    };
    await stage.serve(platform, {
      sluice: { messagePins },
      providers: [Notes],
      prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    });
    socket = await Socket.to(stage.application.url);
  });
  afterEach(() => {
    socket.close();
  });

  const send = async (event: string, data: object = {}): Promise<{ by?: string; pins?: string }> =>
    ((await socket.ask({ event, data })) as { data: object }).data;

  it('have a session each, so that they read their own writes and leave others alone', async () => {
    expect(await send('write')).toMatchObject({ by: PRIMARY });
    expect(await send('read')).toMatchObject({ by: REPLICA });
  });

  it('take the pins that a message brings', async () => {
    const { pins } = await send('write');
    expect(await send('read', { pins })).toMatchObject({ by: PRIMARY });
    expect(asked).toBe(2);
  });

  it('may be decorated', async () => {
    expect(await send('fresh')).toMatchObject({ by: PRIMARY });
  });
});
