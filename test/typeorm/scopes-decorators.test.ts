import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster as Servers } from '@sluice/testbed';
import type { RoutedDataSource } from '@sluice/typeorm';
import { MarksWrite, PinningReplicaRouter, runInSession, UseDatabase, UsePrimary, UseReplica } from '@sluice/typeorm';
import { ENGINES, startServers } from './support/engines.js';
import { opened } from './support/opened.js';
import { routesDuring } from './support/routes.js';
import { Audit, Tag } from './support/shop.js';

describe.each(ENGINES)('decorators on %s', (engine) => {
  let servers: Servers;
  let ds: RoutedDataSource;

  beforeAll(async () => {
    servers = await startServers(engine, 1);
    ds = await opened(servers, { router: new PinningReplicaRouter() });
  });
  afterAll(async () => {
    await ds?.destroy();
    await servers?.stop();
  });

  const read = async (): Promise<string | undefined> =>
    (await routesDuring(ds, () => ds.getRepository(Tag).count()))[0];
  const write = () => ds.getRepository(Audit).insert({ what: 'w' });

  class Reports {
    readonly kind = 'reports';

    @UsePrimary()
    async fresh(): Promise<string | undefined> {
      await Promise.resolve();
      return read();
    }

    @UsePrimary()
    started(): Promise<string | undefined> {
      return read();
    }

    @UseReplica()
    async cheap(): Promise<string | undefined> {
      return read();
    }

    @UseReplica()
    async writing(): Promise<void> {
      await write();
    }

    @UseDatabase('replica-1')
    async exact(): Promise<string | undefined> {
      return read();
    }

    @UsePrimary()
    async *pages(count: number): AsyncGenerator<string | undefined, string | undefined> {
      for (let page = 0; page < count; page += 1) yield await read();
      return read();
    }

    @UsePrimary()
    *sync(): Generator<Promise<string | undefined>> {
      yield read();
    }

    @UsePrimary()
    describe(prefix: string): string {
      return `${prefix} ${this.kind}`;
    }

    @UsePrimary()
    async outer(): Promise<(string | undefined)[]> {
      return [await read(), await this.exact(), await read()];
    }

    @UsePrimary()
    async failing(): Promise<never> {
      await read();
      throw new Error('from the method');
    }

    @MarksWrite()
    async elsewhere(): Promise<string | undefined> {
      return read();
    }

    @UsePrimary()
    static async all(): Promise<string | undefined> {
      return read();
    }
  }
  const reports = new Reports();

  it('@UsePrimary() holds for an async method to its end, and not after it', async () => {
    expect(await reports.fresh()).toBe('default');
    expect(await reports.started()).toBe('default');
    expect(await read()).toBe('replica-1');
  });

  it('@UsePrimary() keeps what a method takes and gives, and its `this`', () => {
    expect(reports.describe('the')).toBe('the reports');
    expect(reports.fresh.name).toBe('fresh');
    expect(reports.describe).toHaveLength(1);
  });

  it('@UsePrimary() is left when the method throws', async () => {
    await expect(reports.failing()).rejects.toThrow('from the method');
    expect(await read()).toBe('replica-1');
  });

  it('@UsePrimary() holds for every step of an async generator, and for nothing between them', async () => {
    const seen: (string | undefined)[] = [];
    for await (const page of reports.pages(2)) seen.push(page, await read());
    expect(seen).toEqual(['default', 'replica-1', 'default', 'replica-1']);
  });

  it('@UsePrimary() holds for the steps of a generator', async () => {
    for (const page of reports.sync()) expect(await page).toBe('default');
  });

  it('@UsePrimary() works on static methods', async () => {
    expect(await Reports.all()).toBe('default');
  });

  it('@UseReplica() reads a replica in a session that wrote, and refuses writes', async () => {
    await runInSession(async () => {
      await write();
      expect(await reports.cheap()).toBe('replica-1');
      await expect(reports.writing()).rejects.toMatchObject({ code: 'SLUICE_REPLICA_WRITE' });
      expect(await read()).toBe('default');
    });
  });

  it('@UseDatabase() names one database; the innermost decorator wins', async () => {
    expect(await reports.exact()).toBe('replica-1');
    expect(await reports.outer()).toEqual(['default', 'replica-1', 'default']);
  });

  it('@MarksWrite() reads on the primary, and marks the session for its next request only', async () => {
    await runInSession(async (session) => {
      expect(await reports.elsewhere()).toBe('default');
      expect(session.marked).toBe(true);
      expect(session.pinned()).toBe(false);
      expect(await read()).toBe('replica-1');
    });
  });

  it('the methods of one object can run side by side', async () => {
    const answers = await Promise.all([reports.fresh(), reports.cheap(), reports.fresh(), reports.exact()]);
    expect(answers).toEqual(['default', 'replica-1', 'default', 'replica-1']);
  });
});
