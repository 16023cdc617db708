import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type DynamicModule,
  type InjectionToken,
  Inject,
  Module,
  type NestModule,
  type OptionalFactoryDependency,
} from '@nestjs/common';
import { APP_INTERCEPTOR, HttpAdapterHost } from '@nestjs/core';
import { SluiceHealthIndicator } from './health-indicator.js';
import { type ModuleSettings, SETTINGS, settingsOf, type SluiceModuleOptions } from './options.js';
import { RequestSessions } from './request-sessions.js';
import { SessionInterceptor } from './session-interceptor.js';

/** Options that have to be asked for, such as those with secrets from a configuration. */
export interface SluiceModuleAsyncOptions {
  readonly useFactory: (...injected: never[]) => SluiceModuleOptions | Promise<SluiceModuleOptions>;
  /** What `useFactory` is given. Default: nothing. */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  /** The modules that have it. Default: none. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
}

/** The subset of Fastify that is used. */
interface FastifyLike {
  addHook(
    name: 'preValidation',
    hook: (request: { readonly raw: IncomingMessage }, reply: unknown, done: () => void) => void,
  ): void;
}

/** One session for each request and each message, with the pin of a request in its response. Import it once. */
@Module({})
export class SluiceModule implements NestModule {
  readonly #sessions: RequestSessions;
  readonly #host: HttpAdapterHost;

  constructor(@Inject(RequestSessions) sessions: RequestSessions, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.#sessions = sessions;
    this.#host = host;
  }

  /** An option that is wrong is refused with `SLUICE_CONFIG` when the application is made. */
  static forRoot(options: SluiceModuleOptions = {}): DynamicModule {
    return SluiceModule.forRootAsync({ useFactory: () => options });
  }

  /** The same, with options that have to be asked for. */
  static forRootAsync({ useFactory, inject = [], imports = [] }: SluiceModuleAsyncOptions): DynamicModule {
    return {
      module: SluiceModule,
      global: true,
      imports,
      providers: [
        {
          provide: SETTINGS,
          useFactory: async (...injected: never[]) => settingsOf(await useFactory(...injected)),
          inject: [...inject],
        },
        {
          provide: RequestSessions,
          useFactory: (settings: ModuleSettings) => new RequestSessions(settings),
          inject: [SETTINGS],
        },
        { provide: APP_INTERCEPTOR, useClass: SessionInterceptor },
        SluiceHealthIndicator,
      ],
      // the settings and sessions for whoever names the interceptor
      exports: [SluiceHealthIndicator, SETTINGS, RequestSessions],
    };
  }

  /**
   * Mounts the middleware on the platform itself, before that of other modules: Nest's consumer mounts below the global
   * prefix only, and GraphQL is served beside it.
   */
  configure(): void {
    const sessions = this.#sessions;
    const { httpAdapter } = this.#host;
    // a microservice alone has none
    if (httpAdapter === undefined) return;
    httpAdapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      sessions.open(request, response, next);
    });
    if (httpAdapter.getType() !== 'fastify') return;
    // hooks and parsers of bodies may lose the session, so it is entered again behind them, and before the guards
    httpAdapter.getInstance<FastifyLike>().addHook('preValidation', (request, _reply, done) => {
      sessions.enterAgain(request.raw, done);
    });
  }
}
