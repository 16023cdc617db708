import { expect } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata, Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PinningReplicaRouter } from '@sluice/core';
import { FakeOrm, FakeServers } from '@sluice/core/testing';
import { SluiceModule, type SluiceModuleOptions } from '@sluice/nestjs';

export type Platform = 'Express' | 'Fastify';
export const PLATFORMS: readonly Platform[] = ['Express', 'Fastify'];

/** A running application over HTTP. */
export interface Application {
  readonly app: INestApplication;
  readonly url: string;
  close(): Promise<void>;
}

/** What a test adds to the application. */
export interface Parts extends ModuleMetadata {
  /** How the module is told to work. Default: a cookie that goes over HTTP, too. */
  readonly sluice?: SluiceModuleOptions;
  /** Instead of `sluice`. */
  readonly module?: ReturnType<typeof SluiceModule.forRoot>;
  /** Called before the application is initialized. */
  readonly prepare?: (app: INestApplication) => unknown;
}

const sockets = { forceCloseConnections: true };

/** Starts an application on a free port. */
export async function started(platform: Platform, parts: Parts): Promise<Application> {
  const { sluice, module, prepare, ...metadata } = parts;
  const imported = module ?? SluiceModule.forRoot({ cookie: { secure: false }, ...sluice });
  class Root {}
  const adapter = platform === 'Express' ? new ExpressAdapter() : new FastifyAdapter(sockets);
  const app: INestApplication = await NestFactory.create(
    { module: Root, ...metadata, imports: [imported, ...(metadata.imports ?? [])] },
    adapter,
    { logger: false, abortOnError: false, ...sockets },
  );
  await prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** An ORM over databases in memory; which of them answers is seen by its name. */
export function fakeOrm(): FakeOrm {
  return new FakeOrm(new FakeServers(), { router: new PinningReplicaRouter() });
}

export const providing = (orm: FakeOrm): Provider => ({ provide: FakeOrm, useValue: orm });

/** By which database a read is answered, as text. */
export const REPLICA = expect.stringMatching(/^replica-/) as unknown as string;
export const PRIMARY = 'default';
