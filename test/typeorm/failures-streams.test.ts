import { describe, expect, it } from '@jest/globals';
import type { Failure } from '@sluice/core';
import { failureOf } from '@sluice/core';
import type { RoutedDataSource } from '@sluice/typeorm';
import { FailoverRouter } from '@sluice/typeorm';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ENGINES } from './support/engines.js';
import type { Options } from './support/opened.js';
import { onServers } from './support/scene.js';
import { endSession, running } from './support/sessions.js';
import { Tag } from './support/shop.js';
import { longRead, portIn, slowRead } from './support/sql.js';

const ROWS = 200_000;
/** DESIGN.md, section 6: a stream is answered by another database until its first row. */
describe.each(ENGINES)('a stream on %s', (engine) => {
  const scene = onServers(engine);
  /** Reads come from replica-1 as long as it serves. One connection each: what is not given back is missed. */
  const options = (typeorm: Options['typeorm'] = {}): Options => ({
    router: new FailoverRouter(),
    typeorm: { poolSize: 1, ...typeorm },
  });
  const collected = async (stream: Readable): Promise<unknown[]> => {
    const rows: unknown[] = [];
    for await (const row of stream) rows.push(row);
    return rows;
  };
  /** What the error of a stream says of its connection; which words a driver has for it depends on who notices first. */
  const failure = (ended: Promise<unknown>): Promise<Failure | undefined> =>
    ended.then(
      () => undefined,
      (error: unknown) => failureOf(engine === 'postgres' ? 'postgres' : 'mysql', error),
    );
  /** The first row, with the stream left open behind it. */
  const firstRow = (stream: Readable): Promise<unknown> =>
    new Promise((resolve, reject) => {
      stream.once('error', reject);
      stream.once('data', (row) => {
        stream.pause();
        stream.removeListener('error', reject);
        resolve(row);
      });
    });
  const reads = async (source: RoutedDataSource): Promise<number> =>
    (await source.getRepository(Tag).find({ take: 1 }))[0]!.servedBy;
  const inFlight = (source: RoutedDataSource): readonly number[] =>
    source.cluster.databases.all.map(({ load }) => load.inFlight);

  it.each(['killed', 'ended by an administrator'] as const)(
    'whose connection is %s before the first row comes from another database',
    async (how) => {
      const source = await scene.open(options());
      const runner = source.createQueryRunner('slave');
      const opening = runner.stream(`${slowRead(engine, 0.3)} /* no row yet */`);
      const session = await running(scene, 'no row yet');
      if (how === 'killed') await session.server.kill();
      else await endSession(scene, session);
      const rows = await collected((await opening) as Readable);
      expect(rows).toHaveLength(1);
      expect(portIn(rows)).toBe(scene.servers.replica(2).port);
      await runner.release();
      expect(await reads(source)).toBe(how === 'killed' ? scene.servers.replica(2).port : session.server.port);
      expect(inFlight(source)).toEqual([0, 0, 0]);
    },
  );

  it('whose database was down before it began comes from another database', async () => {
    const source = await scene.open(options());
    await scene.servers.replica(1).kill();
    const stream: Readable = await source.getRepository(Tag).createQueryBuilder('tag').stream();
    expect((await collected(stream)).length).toBeGreaterThan(0);
    expect(inFlight(source)).toEqual([0, 0, 0]);
  });

  it.each(['killed', 'ended by an administrator'] as const)(
    'whose connection is %s after rows were delivered fails, and its connection is not used again',
    async (how) => {
      const source = await scene.open(options());
      const runner = source.createQueryRunner('slave');
      const failures: Error[] = [];
      const stream = (await runner.stream(
        `${longRead(engine, ROWS)} /* many rows */`,
        [],
        undefined,
        (error: Error) => {
          failures.push(error);
        },
      )) as Readable;
      expect(portIn([await firstRow(stream)])).toBe(scene.servers.replica(1).port);
      const session = await running(scene, 'many rows');
      if (how === 'killed') await session.server.kill();
      else await endSession(scene, session);
      let rows = 1;
      stream.on('data', () => (rows += 1)).resume();
      expect(await failure(finished(stream))).toBe('lost');
      expect(rows).toBeLessThan(ROWS);
      expect(failures).toHaveLength(1);
      await runner.release();
      expect(await reads(source)).toBe(how === 'killed' ? scene.servers.replica(2).port : session.server.port);
      expect(inFlight(source)).toEqual([0, 0, 0]);
    },
  );

  it('that is cut in the middle fails where it is read', async () => {
    const { proxy, databases } = await scene.behindProxy('replica-1');
    const source = await scene.open({ ...options(), databases });
    await reads(source);
    proxy.cutAfter(300_000);
    const runner = source.createQueryRunner('slave');
    const stream = (await runner.stream(longRead(engine, ROWS))) as Readable;
    expect(await failure(collected(stream))).toBe('lost');
    await runner.release();
    await proxy.restore();
    expect(await reads(source)).toBe(scene.servers.replica(1).port);
    expect(inFlight(source)).toEqual([0, 0, 0]);
  });

  it('ends with destroy(), also in front of a frozen database', async () => {
    const source = await scene.open(options());
    const runner = source.createQueryRunner('slave');
    const stream = (await runner.stream(`${longRead(engine, ROWS)} /* frozen rows */`)) as Readable;
    await firstRow(stream);
    const ended = finished(stream).catch((error: Error) => error);
    await (await running(scene, 'frozen rows')).server.freeze();
    const begin = performance.now();
    await source.destroy();
    expect(performance.now() - begin).toBeLessThan(1_000);
    stream.resume();
    expect(await ended).toMatchObject({ code: 'SLUICE_CLOSED' });
    await runner.release();
  });
});
