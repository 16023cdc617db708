import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject } from '@nestjs/common';
import { GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { currentSession } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { PRIMARY, REPLICA } from './support/application.js';
import { stageForEach } from './support/stage.js';
import { Socket } from './support/socket.js';

@Resolver()
class Notes {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @Query(() => String)
  async read(): Promise<string> {
    return currentSession() === undefined ? 'no session' : (await this.orm.read(1)).by;
  }

  @Mutation(() => String)
  async write(): Promise<string> {
    await this.orm.write(1, 'written');
    return (await this.orm.read(1)).by;
  }
}

describe.each([
  ['the session of the request that opened it', false],
  ['a session for each operation where that request has none', true],
])('GraphQL over a WebSocket, in %s,', (_what, skipped) => {
  const stage = stageForEach();
  let socket: Socket;

  beforeEach(async () => {
    const module = GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      subscription: { fullWsTransport: true },
    });
    await stage.serve('Fastify', { sluice: { skip: () => skipped }, imports: [module], providers: [Notes] });
    socket = await Socket.to(`${stage.application.url}/graphql`, 'graphql-transport-ws');
    await socket.ask({ type: 'connection_init' });
  });
  afterEach(() => {
    socket.close();
  });

  const ask = async (query: string): Promise<unknown> => {
    const { payload } = (await socket.ask({ id: query, type: 'subscribe', payload: { query } })) as {
      payload: { data: unknown };
    };
    return payload.data;
  };

  it('reads its own writes', async () => {
    expect(await ask('{ read }')).toEqual({ read: REPLICA });
    expect(await ask('mutation { write }')).toEqual({ write: PRIMARY });
    expect(await ask('{ again: read }')).toEqual({ again: skipped ? REPLICA : PRIMARY });
  });
});
