import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import {
  All,
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Scope,
  Sse,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { currentSession, useReplica, withoutPinning } from '@sluice/core';
import { FakeOrm } from '@sluice/core/testing';
import { SluiceModule } from '@sluice/nestjs';
import { defer, map, repeat } from 'rxjs';
import { type Parts, PLATFORMS, PRIMARY, REPLICA, started } from './support/application.js';
import { stageForEach } from './support/stage.js';
import { User } from '../support/user.js';

type By = Promise<{ readonly by: string }>;

@Controller()
class Notes {
  constructor(@Inject(FakeOrm) readonly orm: FakeOrm) {}

  @All()
  read(): By {
    return this.orm.read(1);
  }

  @Get('write')
  async write(): By {
    await this.orm.write(1, 'written');
    return this.orm.read(1);
  }

  @Get('roll-back')
  async rollBack(): By {
    const failing = this.orm.transaction(async (notes) => {
      await notes.write(1, 'never');
      throw new Error('on purpose');
    });
    await failing.catch(() => undefined);
    return this.orm.read(1);
  }

  @Get('log')
  async log(): By {
    await withoutPinning(() => this.orm.write(2, 'log'));
    return this.orm.read(1);
  }

  @Get('throw')
  async throw(): By {
    await this.orm.write(1, 'written');
    throw new Error('after the commit');
  }

  @All('replica')
  replica(): By {
    return useReplica(() => this.orm.read(1));
  }

  @Post('notes/:id')
  param(@Param('id', ParseIntPipe) id: number): By {
    return this.orm.read(id);
  }

  @All('observed')
  observed() {
    return defer(() => this.orm.read(1)).pipe(map(({ by }) => ({ by })));
  }

  @Sse('events')
  events() {
    return defer(() => this.orm.read(1)).pipe(
      repeat(2),
      map(({ by }) => ({ data: by })),
    );
  }

  @Get('session')
  session(): { readonly open: boolean } {
    return { open: currentSession() !== undefined };
  }
}

describe.each(PLATFORMS)('HTTP on %s', (platform) => {
  const stage = stageForEach();
  const user = (parts: Parts = {}): Promise<User> =>
    stage.serve(platform, { ...parts, controllers: [Notes, ...(parts.controllers ?? [])] });

  it('pins nobody who only reads', async () => {
    const ada = await user();
    expect(await ada.get('/')).toMatchObject({ status: 200, body: { by: REPLICA }, setCookie: null });
  });

  it('pins a request from its start if its method is none that only reads, and the next ones of its user', async () => {
    const ada = await user();
    const bob = new User(stage.application.url);
    expect(await ada.post('/')).toMatchObject({
      body: { by: PRIMARY },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
    expect(await ada.get('/')).toMatchObject({ body: { by: PRIMARY }, setCookie: null });
    expect(await bob.get('/')).toMatchObject({ body: { by: REPLICA } });
  });

  it('pins the user who wrote, on any method', async () => {
    const ada = await user();
    expect(await ada.get('/write')).toMatchObject({
      body: { by: PRIMARY },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
    expect(await ada.get('/')).toMatchObject({ body: { by: PRIMARY } });
  });

  it.each(['/roll-back', '/log'])('leaves no pin behind %s', async (path) => {
    const ada = await user();
    expect(await ada.get(path)).toMatchObject({ body: { by: REPLICA }, setCookie: null });
  });

  it('sends the pin of a handler that throws after its commit', async () => {
    const ada = await user();
    expect(await ada.get('/throw')).toMatchObject({ status: 500, setCookie: expect.stringMatching(/^sluice_pin=/) });
    expect(await ada.get('/')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('reads from a replica in a pinned request that asks for one', async () => {
    const ada = await user();
    expect(await ada.post('/replica')).toMatchObject({ body: { by: REPLICA } });
  });

  it('hands over parameters as ever', async () => {
    const ada = await user();
    expect(await ada.post('/notes/1')).toMatchObject({ status: 201, body: { by: PRIMARY } });
    expect(await ada.post('/notes/x')).toMatchObject({ status: 400 });
  });

  it('keeps the session in an observable that a handler returns', async () => {
    const ada = await user();
    expect(await ada.post('/observed')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('keeps the session in a stream of events', async () => {
    const ada = await user();
    expect((await ada.get('/events')).body).toMatch(/data: replica-[^]+data: replica-/);
    await ada.post('/');
    expect((await ada.get('/events')).body).toMatch(/data: default[^]+data: default/);
  });

  it('opens the session before guards, pipes, filters and the middleware of other modules', async () => {
    const seen: string[] = [];
    const look = async (who: string): Promise<void> => void seen.push(`${who}: ${(await stage.orm.read(1)).by}`);
    @Injectable()
    class Guard implements CanActivate {
      async canActivate(): Promise<boolean> {
        await look('guard');
        return true;
      }
    }
    @Injectable()
    class Pipe implements PipeTransform {
      async transform(value: unknown): Promise<unknown> {
        await look('pipe');
        return value;
      }
    }
    @Catch()
    class Filter implements ExceptionFilter {
      async catch(_error: unknown, host: ArgumentsHost): Promise<void> {
        await look('filter');
        const response = host.switchToHttp().getResponse();
        response.status(400).send('refused');
      }
    }
    @Module({})
    class Other implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer
          .apply((_request: unknown, _response: unknown, next: () => void) => void look('middleware').then(next))
          .forRoutes('/notes/:id');
      }
    }
    const ada = await user({
      imports: [Other],
      providers: [
        { provide: APP_GUARD, useClass: Guard },
        { provide: APP_PIPE, useClass: Pipe },
        { provide: APP_FILTER, useClass: Filter },
      ],
    });
    expect(await ada.post('/notes/x')).toMatchObject({ status: 400, body: 'refused' });
    expect(seen).toEqual(['middleware: default', 'guard: default', 'pipe: default', 'filter: default']);
  });

  it('finds the session again behind a middleware that loses it', async () => {
    const outside = new AsyncResource('outside');
    @Module({})
    class Losing implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer
          .apply((_request: unknown, _response: unknown, next: () => void) => outside.runInAsyncScope(next))
          .forRoutes('/observed');
      }
    }
    const ada = await user({ imports: [Losing] });
    expect(await ada.get('/observed')).toMatchObject({ body: { by: REPLICA } });
    expect(await ada.post('/observed')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/observed')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('keeps the session in a controller that is made for each request', async () => {
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class Scoped {
      constructor(@Inject(FakeOrm) readonly notes: FakeOrm) {}
      @All()
      read(): By {
        return this.notes.read(1);
      }
    }
    const ada = await user({ controllers: [Scoped] });
    expect(await ada.post('/scoped')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/scoped')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('serves a global prefix, and what lies outside it', async () => {
    const ada = await user({ prepare: (app) => app.setGlobalPrefix('api', { exclude: ['session'] }) });
    expect(await ada.get('/session')).toMatchObject({ body: { open: true } });
    expect(await ada.post('/api')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/api')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('pins by the method also where GraphQL might be served', async () => {
    @Controller('graphql')
    class NoGraphQL {
      constructor(@Inject(FakeOrm) readonly notes: FakeOrm) {}
      @All()
      read(): By {
        return this.notes.read(1);
      }
    }
    const ada = await user({ controllers: [NoGraphQL] });
    expect(await ada.get('/graphql')).toMatchObject({ body: { by: REPLICA }, setCookie: null });
    expect(await ada.post('/graphql')).toMatchObject({
      body: { by: PRIMARY },
      setCookie: expect.stringMatching(/^sluice_pin=/),
    });
  });

  it('leaves requests alone that it is told to skip', async () => {
    const ada = await user({ sluice: { skip: ({ url }) => url === '/session' } });
    expect(await ada.post('/')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/session')).toMatchObject({ body: { open: false } });
  });

  it('answers with an error if it cannot tell whose request it is', async () => {
    const ada = await user({
      sluice: {
        skip: () => {
          throw new HttpException('teapot', 418);
        },
      },
    });
    expect(await ada.get('/')).toMatchObject({ status: 418 });
  });

  it('keeps pins in a store', async () => {
    const kept = new Map<string, string>();
    const store = {
      load: async (id: string) => kept.get(id),
      save: async (id: string, pins: string) => void kept.set(id, pins),
    };
    const ada = await user({ sluice: { store, key: () => 'ada' } });
    expect(await ada.post('/')).toMatchObject({ body: { by: PRIMARY }, setCookie: null });
    expect(await new User(stage.application.url).get('/')).toMatchObject({ body: { by: PRIMARY } });
    kept.clear();
    expect(await ada.get('/')).toMatchObject({ body: { by: REPLICA } });
  });

  it('takes its options from what it asks for', async () => {
    const module = SluiceModule.forRootAsync({
      imports: [{ module: class Settings {}, providers: [{ provide: 'name', useValue: 'pin' }], exports: ['name'] }],
      inject: ['name'],
      useFactory: async (name: string) => ({ cookie: { name, secure: false } }),
    });
    const ada = await user({ module });
    expect(await ada.post('/')).toMatchObject({ setCookie: expect.stringMatching(/^pin=/) });
    expect(await ada.get('/')).toMatchObject({ body: { by: PRIMARY } });
  });

  it('works without options', async () => {
    const ada = await user({ module: SluiceModule.forRoot() });
    expect(await ada.post('/')).toMatchObject({ setCookie: expect.stringMatching(/^sluice_pin=.*; Secure/) });
  });

  it.each([
    [{ pinSecond: 1 } as object, 'the pin options has no option "pinSecond", did you mean "pinSeconds"?'],
    [{ graphqlPaths: ['graphql'] }, 'graphqlPaths is an array; give an array of paths, such as ["/graphql"]'],
    [{ messagePins: 'x' } as object, 'messagePins is "x"; give a function of the execution context'],
  ])('refuses to start with %p', async (sluice, message) => {
    await expect(started(platform, { sluice })).rejects.toMatchObject({
      code: 'SLUICE_CONFIG',
      message: expect.stringContaining(message),
    });
  });

  it('keeps interleaved requests apart', async () => {
    await user();
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const somebody = new User(stage.application.url);
        return index % 2 === 0 ? somebody.post('/') : somebody.get('/');
      }),
    );
    for (const [index, { body }] of replies.entries()) {
      expect(body).toMatchObject({ by: index % 2 === 0 ? PRIMARY : REPLICA });
    }
  });
});

describe('a request of Fastify', () => {
  const outside = new AsyncResource('outside');
  const stage = stageForEach();
  /** A user of an application in which a hook goes on outside of every session. */
  const userBehind = (hook: 'preParsing' | 'preHandler', parts: Parts = {}): Promise<User> =>
    stage.serve('Fastify', {
      ...parts,
      controllers: [Notes],
      prepare: (app) =>
        app
          .getHttpAdapter()
          .getInstance()
          .addHook(hook, (...given: unknown[]) => outside.runInAsyncScope(given.at(-1) as () => void)),
    });

  it('has its session in guards also if a hook before them loses it', async () => {
    const seen: string[] = [];
    @Injectable()
    class Guard implements CanActivate {
      async canActivate(): Promise<boolean> {
        seen.push((await stage.orm.read(1)).by);
        return true;
      }
    }
    const ada = await userBehind('preParsing', { providers: [{ provide: APP_GUARD, useClass: Guard }] });
    expect(await ada.post('/observed')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/observed')).toMatchObject({ body: { by: PRIMARY } });
    expect(seen).toEqual([PRIMARY, PRIMARY]);
  });

  it('has its session in handlers also if a hook right before them loses it', async () => {
    const ada = await userBehind('preHandler');
    expect(await ada.post('/observed')).toMatchObject({ body: { by: PRIMARY } });
    expect(await ada.get('/observed')).toMatchObject({ body: { by: PRIMARY } });
  });
});
