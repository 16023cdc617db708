import { describe, expect, it } from '@jest/globals';
import type { RoutedDataSource } from '@sluice/typeorm';
import { MultiPrimaryRouter, PinningRouter, runInSession } from '@sluice/typeorm';
import { ENGINES } from './support/engines.js';
import { onServers } from './support/scene.js';
import { besides } from './support/second-primary.js';
import { Tag } from './support/shop.js';

/** Two primaries that know nothing of each other: a session that left its own would not find its rows. */
describe.each(ENGINES)('a session with two primaries on %s', (engine) => {
  const scene = onServers(engine, { replicas: 0 });
  const second = besides(scene);
  const open = (router = new MultiPrimaryRouter()): Promise<RoutedDataSource> =>
    scene.open({ databases: second.databases, router });
  const insert = (source: RoutedDataSource, label: string) => source.getRepository(Tag).insert({ label });
  const found = (source: RoutedDataSource, label: string) => source.getRepository(Tag).findBy({ label });

  it('finds all that it wrote, with a hundred sessions at once on both of them', async () => {
    const source = await open();
    const primaries = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        runInSession(async () => {
          const label = `session ${index}`;
          await insert(source, label);
          await source.getRepository(Tag).save({ label });
          await source.transaction((manager) => manager.insert(Tag, { label }));
          const tags = await found(source, label);
          expect(tags).toHaveLength(3);
          return new Set(tags.map(({ servedBy }) => servedBy));
        }),
      ),
    );
    for (const ports of primaries) expect(ports.size).toBe(1);
    const used = new Set(primaries.flatMap((ports) => [...ports]));
    expect(used).toEqual(new Set([scene.servers.primary.port, second.servers.primary.port]));
  });

  it('remembers nothing of the session before it', async () => {
    const source = await open();
    const ports = new Set<number>();
    for (let turn = 0; turn < 40; turn += 1) {
      await runInSession(async () => {
        await insert(source, `turn ${turn}`);
        ports.add((await found(source, `turn ${turn}`))[0]!.servedBy);
      });
    }
    expect(ports.size).toBe(2);
  });

  it.each(['MultiPrimaryRouter', 'PinningRouter'] as const)(
    'writes to the other one when its own is gone: %s',
    async (which) => {
      const inner = new MultiPrimaryRouter({
        select: (candidates) => candidates.find(({ name }) => name === 'primary-2') ?? candidates[0],
      });
      const source = await open(which === 'PinningRouter' ? (new PinningRouter(inner) as never) : inner);
      await runInSession(async () => {
        await insert(source, `${which} before`);
        expect(await found(source, `${which} before`)).toMatchObject([{ servedBy: second.servers.primary.port }]);
        await second.servers.primary.kill();
        await insert(source, `${which} after`);
        expect(await found(source, `${which} after`)).toMatchObject([{ servedBy: scene.servers.primary.port }]);
      });
    },
  );
});
