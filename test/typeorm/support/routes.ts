import type { RoutedDataSource } from '@sluice/typeorm';

/** The databases of the routes that were taken while `work` ran, in order. */
export async function routesDuring(dataSource: RoutedDataSource, work: () => Promise<unknown>): Promise<string[]> {
  const taken: string[] = [];
  const listen = ({ database }: { readonly database: string }): void => void taken.push(database);
  dataSource.cluster.on('route', listen);
  try {
    await work();
  } finally {
    dataSource.cluster.off('route', listen);
  }
  return taken;
}

/** How often each value is there. */
export function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

/** The answers of the same question, asked one time after the other. */
export async function times<T>(count: number, ask: (turn: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await ask(turn));
  return answers;
}
