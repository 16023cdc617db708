import type { RoutedDataSource } from '@sluice/typeorm';

/** What a cluster tells while `work` runs, in a line per event: `route default`, `retry replica-1 lost`, … */
export async function eventsDuring(source: RoutedDataSource, work: () => Promise<unknown>): Promise<readonly string[]> {
  const told: string[] = [];
  const { cluster } = source;
  const listeners = {
    route: (event: { database: string }) => told.push(`route ${event.database}`),
    retry: (event: { database: string; reason: string }) => told.push(`retry ${event.database} ${event.reason}`),
    health: (event: { database: string; health: string }) => told.push(`health ${event.database} ${event.health}`),
    primary: (event: { database: string }) => told.push(`primary ${event.database}`),
    pool: (event: { database: string }) => told.push(`pool ${event.database}`),
  } as const;
  cluster.on('route', listeners.route).on('retry', listeners.retry).on('health', listeners.health);
  cluster.on('primary', listeners.primary).on('pool', listeners.pool);
  await work();
  cluster.off('route', listeners.route).off('retry', listeners.retry).off('health', listeners.health);
  cluster.off('primary', listeners.primary).off('pool', listeners.pool);
  return told;
}
