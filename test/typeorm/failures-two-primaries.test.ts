import { describe, expect, it } from '@jest/globals';
import { isSluiceError, MultiPrimaryRouter } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { onServers } from './support/scene.js';
import { besides } from './support/second-primary.js';
import { Tag } from './support/shop.js';
import { tagsLabelled } from './support/sql.js';
import { until } from './support/until.js';

describe.each(ENGINES)('one of two primaries on %s', (engine) => {
  const scene = onServers(engine, { replicas: 0 });
  const second = besides(scene);

  it('that crashes under writes loses none that was acknowledged, and none is applied twice', async () => {
    const source = await scene.open({ databases: second.databases, router: new MultiPrimaryRouter() });
    const label = 'around the crash';
    const tally = { served: 0, unknown: 0 };
    const others: unknown[] = [];
    const stopping = new AbortController();
    const worker = async (index: number): Promise<void> => {
      while (!stopping.signal.aborted) {
        const write =
          index % 2 === 0
            ? source.getRepository(Tag).insert({ label })
            : source.transaction((manager) => manager.insert(Tag, { label }));
        await write.then(
          () => (tally.served += 1),
          (error: unknown) => {
            if (isSluiceError(error, 'SLUICE_OUTCOME_UNKNOWN')) tally.unknown += 1;
            else others.push(error);
          },
        );
      }
    };
    const workers = Array.from({ length: 10 }, (_, index) => worker(index));
    const more = (count: number) => {
      const goal = tally.served + count;
      return until(`${count} more writes`, () => tally.served >= goal);
    };
    await more(100);
    await second.servers.primary.kill();
    await more(200);
    stopping.abort();
    await Promise.all(workers);
    await second.servers.primary.restart();
    const [row] = await second.servers.primary.query(`SELECT COUNT(*) AS n FROM tag WHERE label = '${label}'`);
    const applied = (await tagsLabelled(scene, label)) + Number(row?.['n']);
    process.stdout.write(
      `${engine}: ${JSON.stringify(tally)}, ${others.length} transactions lost, ${applied} applied\n`,
    );
    expect(applied).toBeGreaterThanOrEqual(tally.served);
    expect(applied).toBeLessThanOrEqual(tally.served + tally.unknown);
    // transactions that were open when it crashed, before their COMMIT
    expect(others.length).toBeLessThanOrEqual(5);
  });
});
