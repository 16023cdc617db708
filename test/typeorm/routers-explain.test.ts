import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource, RouteRequest } from '@sluice/typeorm';
import { PinningRouter, Router, runInSession, useDatabase, usePrimary, useReplica } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened } from './support/opened.js';
import { Recorder } from './support/recorder.js';
import { routesDuring } from './support/routes.js';
import { Audit, Order, Tag } from './support/shop.js';

/** Tags on the second replica, audits wherever, everything else on the first. */
class ByEntity extends Router {
  override dbForRead({ model }: RouteRequest): string | undefined {
    if (model === Audit) return undefined;
    return model === Tag ? 'replica-2' : 'replica-1';
  }
}

describe.each(ENGINES)('explain on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;
  const logger = new Recorder();

  beforeAll(async () => {
    servers = await startServers(engine);
    ds = await opened(servers, { router: new PinningRouter(new ByEntity()), typeorm: { logger } });
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });
  beforeEach(() => logger.clear());

  const explained = (intent: 'read' | 'write', model: unknown) => {
    const { database, reason, cause } = ds.cluster.explain({ intent, model: model as never });
    return { database: database.name, reason, cause };
  };

  it.each([
    ['read', Order, 'replica-1', () => ds.getRepository(Order).count()],
    ['read', Tag, 'replica-2', () => ds.getRepository(Tag).count()],
    ['read', Audit, 'default', () => ds.getRepository(Audit).count()],
    ['write', Tag, 'default', () => ds.getRepository(Tag).insert({ label: 't' })],
  ] as const)('predicts where a %s goes, and runs nothing', async (intent, model, expected, run) => {
    expect(explained(intent, model).database).toBe(expected);
    expect(logger.queries).toEqual([]);
    expect(await routesDuring(ds, run)).toEqual([expected]);
  });

  it('names the step that decides, and its first cause', () => {
    expect(explained('read', Order)).toEqual({ database: 'replica-1', reason: 'router', cause: 'PinningRouter' });
    expect(explained('read', Audit)).toMatchObject({ database: 'default', reason: 'default' });
    expect(useReplica(() => explained('read', Tag))).toEqual({
      database: 'replica-2',
      reason: 'scope',
      cause: 'useReplica',
    });
    expect(usePrimary(() => explained('read', Tag))).toEqual({
      database: 'default',
      reason: 'scope',
      cause: 'usePrimary',
    });
    expect(useDatabase('replica-1', () => explained('read', Tag))).toEqual({
      database: 'replica-1',
      reason: 'scope',
      cause: 'useDatabase',
    });
  });

  it('says so when the session decides', async () => {
    await runInSession(async () => {
      await ds.getRepository(Tag).insert({ label: 't' });
      expect(explained('read', Tag)).toEqual({ database: 'default', reason: 'session', cause: 'the session wrote' });
      expect(await routesDuring(ds, () => ds.getRepository(Tag).count())).toEqual(['default']);
    });
  });

  it('gives the same reason as the route that is taken', async () => {
    const told: unknown[] = [];
    const listen = ({ database, reason, cause }: { database: string; reason: string; cause: string }): void =>
      void told.push({ database, reason, cause });
    ds.cluster.on('route', listen);
    await ds.getRepository(Order).count();
    await usePrimary(() => ds.getRepository(Order).count());
    await ds.getRepository(Tag).insert({ label: 't' });
    ds.cluster.off('route', listen);
    expect(told).toEqual([
      explained('read', Order),
      usePrimary(() => explained('read', Order)),
      explained('write', Tag),
    ]);
  });

  it('throws as the statement would', () => {
    expect(() => useReplica(() => explained('write', Tag))).toThrow(
      expect.objectContaining({ code: 'SLUICE_REPLICA_WRITE' }),
    );
    expect(() => useDatabase('nowhere', () => explained('read', Tag))).toThrow(
      expect.objectContaining({ code: 'SLUICE_UNKNOWN_DATABASE' }),
    );
  });
});
