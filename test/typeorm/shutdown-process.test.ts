import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compiled, Program } from './support/child.js';
import { ENGINES } from './support/engines.js';
import { databasesOf } from './support/opened.js';
import { onServers } from './support/scene.js';

interface Report {
  readonly ms: number;
  readonly codes: readonly string[];
}

/** A process that has closed its data source ends by itself; nothing in it was rejected without being heard. */
describe.each(ENGINES)('a process on %s', (engine) => {
  const scene = onServers(engine);
  const program = { folder: '', remove: (): void => undefined };
  beforeAll(() => void Object.assign(program, compiled()));
  afterAll(() => program.remove());
  const run = (task: string, typeorm: object = {}): Program =>
    new Program(program.folder, task, {
      typeorm: { type: engine, poolSize: 5, ...typeorm },
      databases: databasesOf(scene.servers),
    });

  it('ends after destroy() under load', async () => {
    const child = run('load');
    const { ms, codes } = (await child.says()) as Report;
    const { code, complaints, lingeredMs } = await child.ending;
    process.stdout.write(
      `${engine}: in a process of its own, destroy() took ${ms.toFixed(0)} ms, its end ${lingeredMs.toFixed(0)} ms\n`,
    );
    expect(complaints).toBe('');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1_000);
    expect(lingeredMs).toBeLessThan(1_000);
    expect(codes).toHaveLength(400);
    expect(codes.filter((one) => !['served', 'SLUICE_CLOSED', 'SLUICE_OUTCOME_UNKNOWN'].includes(one))).toEqual([]);
  });

  it.each([
    ['without a time-out', {}],
    [
      'with a time-out of a minute',
      engine === 'postgres'
        ? { extra: { query_timeout: 60_000 } }
        : { enableQueryTimeout: true, maxQueryExecutionTime: 60_000 },
    ],
  ])('ends after destroy() in front of frozen databases, %s', async (_what, typeorm) => {
    const child = run('frozen', typeorm);
    expect(await child.says()).toBe('ready');
    await Promise.all(scene.servers.servers.map((server) => server.freeze()));
    child.tell('frozen');
    const { ms, codes } = (await child.says()) as Report;
    const { code, complaints, lingeredMs } = await child.ending;
    process.stdout.write(
      `${engine}: frozen, destroy() took ${ms.toFixed(0)} ms, the end of the process ${lingeredMs.toFixed(0)} ms\n`,
    );
    expect(complaints).toBe('');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(1_000);
    expect(lingeredMs).toBeLessThan(1_000);
    expect(codes.slice(0, 3)).toEqual(['SLUICE_CLOSED', 'SLUICE_CLOSED', 'SLUICE_CLOSED']);
    expect(codes[3]).toBe('SLUICE_OUTCOME_UNKNOWN');
  });

  it('ends after a start where nothing answered', async () => {
    await Promise.all(scene.servers.servers.map((server) => server.kill()));
    const child = run('nothing');
    expect(await child.says()).toEqual({ codes: ['SLUICE_NO_DATABASE'] });
    const { code, complaints, lingeredMs } = await child.ending;
    expect(complaints).toBe('');
    expect(code).toBe(0);
    expect(lingeredMs).toBeLessThan(1_000);
  });
});
