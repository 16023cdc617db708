import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { currentSession } from '@sluice/core';
import type { RequestPin } from '@sluice/http';
import type { Observable } from 'rxjs';
import { inOwnSession, inRequest } from './in-session.js';
import { type ModuleSettings, SETTINGS } from './options.js';
import { RequestSessions } from './request-sessions.js';

/** The subset of what GraphQL hands to a resolver that is used. */
interface GraphQLArguments {
  readonly context: { readonly req?: unknown } | undefined;
  readonly info: { readonly operation?: { readonly operation?: unknown } } | undefined;
}

/** Messages whose session is open: Nest 12 gives gateways the interceptors of the application, Nest 11 does not. */
const entered = new WeakSet<ExecutionContext>();

/**
 * Runs handlers, resolvers and handlers of messages in the session that is theirs. The module applies it everywhere, but
 * a gateway of Nest 11 has to name it: `@UseInterceptors(SessionInterceptor)`.
 */
@Injectable()
export class SessionInterceptor implements NestInterceptor {
  readonly #sessions: RequestSessions;
  readonly #messagePins: ModuleSettings['messagePins'];

  constructor(@Inject(RequestSessions) sessions: RequestSessions, @Inject(SETTINGS) settings: ModuleSettings) {
    this.#sessions = sessions;
    this.#messagePins = settings.messagePins;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const kind = context.getType<string>();
    if (kind === 'http') {
      const request = context.switchToHttp().getRequest<{ readonly method: string }>();
      const pin = this.#sessions.find(request);
      // at a GraphQL path, only now it is clear that this is none
      pin?.tellMethod(request.method);
      return this.#proceed(pin, next);
    }
    if (kind === 'graphql') {
      const { context: graphql, info } = argumentsOf(context);
      const pin = this.#sessions.find(graphql?.req);
      if (info?.operation?.operation === 'mutation') pin?.tellMethod('MUTATION');
      // one over a WebSocket has no request
      if (pin !== undefined || currentSession() !== undefined) return this.#proceed(pin, next);
    }
    if (entered.has(context)) return next.handle();
    entered.add(context);
    const { pinSeconds: longestSeconds } = this.#sessions;
    return inOwnSession(
      () => ({ from: this.#messagePins(context), longestSeconds }),
      () => next.handle(),
    );
  }

  /** Enters the session again where something on the way, such as a parser of bodies, has lost it. */
  #proceed(pin: RequestPin | undefined, next: CallHandler): Observable<unknown> {
    if (pin === undefined || pin.session === currentSession()) return next.handle();
    return inRequest(pin, () => next.handle());
  }
}

/** Of a resolver: parent, arguments, context, info. */
function argumentsOf(context: ExecutionContext): GraphQLArguments {
  const [, , graphql, info] =
    context.getArgs<[unknown, unknown, GraphQLArguments['context'], GraphQLArguments['info']]>();
  return { context: graphql, info };
}
