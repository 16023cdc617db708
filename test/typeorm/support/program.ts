import type { RoutableOptions, RoutedOptions } from '@sluice/typeorm';
import { ReplicaRouter, RoutedDataSource } from '@sluice/typeorm';
import { EntitySchema } from 'typeorm';

/** What a process of its own does; see `child.ts`. It says what it found, and then has to end by itself. */

const Tag = new EntitySchema<{ id: number; label: string }>({
  name: 'tag',
  columns: { id: { type: Number, primary: true, generated: true }, label: { type: String } },
});

const [task = '', options = '{}'] = process.argv.slice(2);
const { typeorm, databases } = JSON.parse(options) as {
  typeorm: RoutableOptions;
  databases: RoutedOptions['databases'];
};
const source = new RoutedDataSource({ ...typeorm, entities: [Tag] } as RoutableOptions, {
  router: new ReplicaRouter(),
  ...(databases && { databases }),
});
const tags = () => source.getRepository(Tag);
const say = (message: unknown): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });
const told = (): Promise<void> => new Promise((resolve) => process.once('message', () => resolve()));
const codeOf = (outcome: PromiseSettledResult<unknown>): string =>
  outcome.status === 'fulfilled' ? 'served' : String((outcome.reason as { code?: unknown }).code);

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  /** destroy() with hundreds of statements in flight and waiting, then a second life. */
  async load() {
    await source.initialize();
    const served = { count: 0 };
    const work = [
      () => tags().find({ take: 1 }),
      () => tags().insert({ label: 'child' }),
      () => tags().save({ label: 'child' }),
      () => source.transaction((manager) => manager.insert(Tag, { label: 'child' })),
    ];
    const operations = Array.from({ length: 100 }, () => work).flat();
    const settled = Promise.allSettled(operations.map((run) => run().then(() => (served.count += 1))));
    while (served.count < 20) await new Promise((resolve) => setImmediate(resolve));
    const begin = performance.now();
    await source.destroy();
    const codes = (await settled).map(codeOf);
    const ms = performance.now() - begin;
    await source.initialize();
    await tags().find({ take: 1 });
    await source.destroy();
    await say({ ms, codes });
  },

  /** destroy() with statements in flight at databases that do not answer. */
  async frozen() {
    await source.initialize();
    await Promise.all([tags().find(), tags().find(), tags().insert({ label: 'child' })]);
    const frozen = told();
    await say('ready');
    await frozen;
    const settled = Promise.allSettled([
      tags().find(),
      tags().find(),
      tags().find(),
      tags().insert({ label: 'child' }),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    const begin = performance.now();
    await source.destroy();
    await say({ ms: performance.now() - begin, codes: (await settled).map(codeOf) });
  },

  /** initialize() where nothing answers. */
  async nothing() {
    const [outcome] = await Promise.allSettled([source.initialize()]);
    await say({ codes: [codeOf(outcome)] });
  },
};

await tasks[task]?.();
process.disconnect();
