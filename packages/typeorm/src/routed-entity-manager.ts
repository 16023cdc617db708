import { type EntityMetadata, EntityManager } from 'typeorm';
import type { FlushMode } from './flush.js';
import { flushOf } from './flush.js';
import { freshly } from './fresh.js';
import type { Origin } from './origin.js';
import type { RoutedRunner } from './routed-runner.js';
import { dataSourceOf } from './internals.js';
import { modelOf } from './models.js';
import { routingOf } from './routing.js';

type Overload = (this: EntityManager, ...args: unknown[]) => Promise<unknown>;

/** An entity manager whose writing calls know all their entities before the first statement is sent. */
export class RoutedEntityManager extends EntityManager {}

for (const mode of ['save', 'remove', 'softRemove', 'recover'] as const satisfies readonly FlushMode[]) {
  override(
    mode,
    (stock) =>
      async function around(this: EntityManager, ...args: unknown[]) {
        const routing = routingOf(dataSourceOf(this));
        // a lazy relation that was just given a promise has its value one step later, and TypeORM waits for it too
        await Promise.resolve();
        const flush = routing && flushOf(routing, mode, rootsOf(this, args));
        if (flush === undefined) return stock.apply(this, args);
        return writing(this, flush, (manager) => stock.apply(manager, args));
      },
  );
}

override(
  'clear',
  (stock) =>
    async function clear(this: EntityManager, ...args: unknown[]) {
      const metadata = metadataOf(this, args[0]);
      if (metadata === undefined) return stock.apply(this, args);
      return writing(this, { writes: [modelOf(metadata)] }, (manager) => stock.apply(manager, args));
    },
);

override(
  'preload',
  (stock) =>
    function preload(this: EntityManager, ...args: unknown[]) {
      const routing = routingOf(dataSourceOf(this));
      return routing === undefined ? stock.apply(this, args) : freshly(routing, () => stock.apply(this, args));
    },
);

function override(name: FlushMode | 'clear' | 'preload', wrap: (stock: Overload) => Overload): void {
  const value = wrap(EntityManager.prototype[name] as unknown as Overload);
  Object.defineProperty(RoutedEntityManager.prototype, name, { value, writable: true, configurable: true });
}

/** Runs a writing call on a runner that knows what it will write; on the manager's own runner, if it has one. */
async function writing<T>(
  manager: EntityManager,
  origin: Origin,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  const own = manager.queryRunner as RoutedRunner | undefined;
  if (own !== undefined) return own.flushing(origin, () => work(manager));
  const dataSource = dataSourceOf(manager);
  if (dataSource === undefined) return work(manager);
  const runner = dataSource.createQueryRunner('master');
  try {
    return await (runner as unknown as RoutedRunner).flushing(origin, () => work(runner.manager));
  } finally {
    await runner.release();
  }
}

interface Root {
  readonly metadata: EntityMetadata;
  readonly entity: object;
}

/** The entities of a call, whichever of TypeORM's overloads it is; nothing where TypeORM will refuse them itself. */
function rootsOf(manager: EntityManager, [first, second]: readonly unknown[]): readonly Root[] {
  const target = isTarget(first) ? first : undefined;
  const given = target === undefined ? first : second;
  const entities: unknown[] = Array.isArray(given) ? given : [given];
  const roots: Root[] = [];
  for (const entity of entities) {
    if (typeof entity !== 'object' || entity === null) return [];
    const metadata = metadataOf(manager, target ?? entity.constructor);
    if (metadata === undefined) return [];
    roots.push({ metadata: metadata.findInheritanceMetadata(entity), entity });
  }
  return roots;
}

function isTarget(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'string') return true;
  return (value as { '@instanceof'?: unknown } | undefined)?.['@instanceof'] === Symbol.for('EntitySchema');
}

function metadataOf(manager: EntityManager, target: unknown): EntityMetadata | undefined {
  const dataSource = dataSourceOf(manager);
  return dataSource?.hasMetadata(target as never) === true ? dataSource.getMetadata(target as never) : undefined;
}
