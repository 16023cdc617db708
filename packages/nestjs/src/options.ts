import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { show, SluiceError } from '@sluice/core';
import type { PinOptions } from '@sluice/http';

/** A request of Node.js itself: Express's is one, and Fastify's has one as `raw`. */
export interface HttpRequest extends IncomingMessage {
  /** The URL before a router took its part of it. */
  readonly originalUrl?: string;
}

/** How sessions are opened, and how their pins travel. */
export interface SluiceModuleOptions extends PinOptions<HttpRequest> {
  /**
   * Where GraphQL is served, with the global prefix if it has one: a POST there may well read, so that a mutation pins
   * instead of the method. Default: `['/graphql']`.
   */
  readonly graphqlPaths?: readonly string[];
  /**
   * Pins that a message (of a microservice, or over a WebSocket) brings from the work before: what `session.export()`
   * gave there. They end within `pinSeconds`, whatever they say. Called once for each message. Default: none.
   */
  readonly messagePins?: (context: ExecutionContext) => string | undefined;
}

/** Under which Nest has the settings. */
export const SETTINGS = Symbol('@sluice/nestjs settings');

/** What this package adds to the options of pins, checked and complete. */
export interface ModuleSettings {
  readonly pins: PinOptions<HttpRequest>;
  readonly graphqlPaths: ReadonlySet<string>;
  readonly messagePins: (context: ExecutionContext) => string | undefined;
}

/**
 * The options of pins are checked by whoever takes them.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function settingsOf(options: SluiceModuleOptions): ModuleSettings {
  const { graphqlPaths = ['/graphql'], messagePins = () => undefined, ...pins } = options;
  if (
    !Array.isArray(graphqlPaths) ||
    !graphqlPaths.every((path: unknown) => typeof path === 'string' && path.startsWith('/'))
  ) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `graphqlPaths is ${show(graphqlPaths)}; give an array of paths, such as ["/graphql"]`,
    );
  }
  if (typeof messagePins !== 'function') {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `messagePins is ${show(messagePins)}; give a function of the execution context`,
    );
  }
  return { pins, graphqlPaths: new Set(graphqlPaths.map((path) => comparable(path))), messagePins };
}

/** The path of a request, as `graphqlPaths` has them. */
export function pathOf({ originalUrl, url = '/' }: HttpRequest): string {
  return comparable((originalUrl ?? url).split('?', 1)[0] ?? '/');
}

/** Without a slash at its end, as routers of both platforms may take one or not. */
const comparable = (path: string): string => path.replace(/\/+$/, '') || '/';
