import type { AddressInfo } from 'node:net';
import { createServer, type RequestListener } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { currentSession, MarksWrite, useReplica, withoutPinning } from '@sluice/core';
import type { FakeOrm } from '@sluice/core/testing';
import { pinning as expressPinning } from '@sluice/http/express';
import { pinning as fastifyPinning } from '@sluice/http/fastify';
import { pinning as honoPinning } from '@sluice/http/hono';
import { pinning as koaPinning } from '@sluice/http/koa';
import type { PinOptions } from '@sluice/http';
import { serve } from '@hono/node-server';
import express from 'express';
// @ts-expect-error Express 4 beside Express 5 has no types of its own here
import express4 from 'express-4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';

/** A running application over HTTP. */
export interface Application {
  readonly url: string;
  close(): Promise<void>;
}

/** What the tests tell the pins; `skip` looks at the path, and everybody has the same `id`. */
export type Told = Omit<PinOptions<never>, 'skip' | 'key'> & {
  readonly skipPath?: string;
  readonly id?: string;
  readonly late?: Late;
};

/** For the routes that go on after their answer has begun. */
interface Late {
  /** Settles when the client has seen what it needs. */
  readonly seen: Promise<void>;
  /** Is told by whom the handler read in the end. */
  readonly read: (by: string) => void;
}

/** Starts one of the frameworks with the same routes. */
export type Start = (orm: FakeOrm, told?: Told) => Promise<Application>;

/** A handler that says it writes, which Sluice does not see. */
class Elsewhere {
  @MarksWrite()
  write(orm: FakeOrm): Promise<object> {
    return orm.read(1);
  }
}

/** What each route does; answers what is sent back. */
async function handle(orm: FakeOrm, path: string, { late }: Told): Promise<object> {
  switch (path) {
    case '/write':
      await orm.write(1, 'written');
      return orm.read(1);
    case '/roll-back':
      await orm
        .transaction(async (notes) => {
          await notes.write(1, 'never');
          throw new Error('on purpose');
        })
        .catch(() => undefined);
      return orm.read(1);
    case '/nothing':
      await orm.writeNothing();
      return orm.read(1);
    case '/log':
      await withoutPinning(() => orm.write(2, 'log'));
      return orm.read(1);
    case '/throw':
      await orm.write(1, 'written');
      throw new Error('after the commit');
    case '/replica':
      await orm.write(1, 'written');
      return useReplica(() => orm.read(1));
    case '/marked':
      currentSession()?.markWritten();
      return orm.read(1);
    case '/decorated':
      return new Elsewhere().write(orm);
    case '/streamed': {
      const body = new PassThrough();
      body.write('{"by":"');
      void writeLate(orm, late).then((by) => body.end(`${by}"}`));
      return body;
    }
    case '/outliving':
      void writeLate(orm, late);
      return {};
    default:
      return orm.read(1);
  }
}

async function writeLate(orm: FakeOrm, late: Late | undefined): Promise<string> {
  await late?.seen;
  await orm.write(1, 'late');
  const { by } = await orm.read(1);
  late?.read(by);
  return by;
}

const skipOf =
  ({ skipPath }: Told) =>
  (path: string | undefined) =>
    skipPath !== undefined && path === skipPath;
const optionsOf = ({ skipPath: _skipPath, late: _late, id, ...options }: Told) => ({
  ...options,
  ...(id !== undefined && { key: () => id }),
});

async function listening(listener: RequestListener): Promise<Application> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function expressOn(make: typeof express): Start {
  return (orm, told = {}) => {
    const app = make();
    const skips = skipOf(told);
    app.use(expressPinning({ ...optionsOf(told), skip: (request) => skips(request.url) }));
    app.use(make.json());
    app.use((request, response, next) => {
      handle(orm, request.path, told).then(
        (body) => void (body instanceof Readable ? body.pipe(response) : response.json(body)),
        next,
      );
    });
    app.use((_error: Error, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).json({});
    });
    return listening(app);
  };
}

const koa: Start = (orm, told = {}) => {
  const app = new Koa();
  const skips = skipOf(told);
  app.silent = true;
  app.use(koaPinning({ ...optionsOf(told), skip: ({ req }) => skips(req.url) }));
  app.use(async (context) => {
    context.body = await handle(orm, context.path, told);
  });
  const callback = app.callback();
  return listening((request, response) => void callback(request, response));
};

const fastifyStart: Start = async (orm, told = {}) => {
  const app = fastify({ forceCloseConnections: true });
  const skips = skipOf(told);
  await app.register(fastifyPinning, { ...optionsOf(told), skip: ({ url }) => skips(url) });
  app.all('/*', (request) => handle(orm, request.url, told));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
};

const hono: Start = async (orm, told = {}) => {
  const app = new Hono();
  const skips = skipOf(told);
  app.use(honoPinning({ ...optionsOf(told), skip: ({ req }) => skips((req as { path?: string }).path) }));
  app.onError((_error, context) => context.json({}, 500));
  app.all('*', async (context) => {
    const body = await handle(orm, context.req.path, told);
    return body instanceof Readable
      ? new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>)
      : context.json(body);
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      const close = (): Promise<void> =>
        new Promise((closed) => {
          (server as { closeAllConnections?: () => void }).closeAllConnections?.();
          server.close(() => closed());
        });
      resolve({ url: `http://127.0.0.1:${port}`, close });
    });
  });
};

export const FRAMEWORKS: readonly (readonly [string, Start])[] = [
  ['Express 5', expressOn(express)],
  ['Express 4', expressOn(express4 as unknown as typeof express)],
  ['Fastify 5', fastifyStart],
  ['Koa', koa],
  ['Hono', hono],
];
