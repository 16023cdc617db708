import type { Engine } from './engine.js';
import type { StatementKind } from './statement/kind.js';
import { RecentKinds } from './statement/recent-kinds.js';
import { scan } from './statement/scan.js';

export type { StatementKind } from './statement/kind.js';
export { scan } from './statement/scan.js';

const recent: Readonly<Record<Engine, RecentKinds>> = {
  mysql: new RecentKinds(),
  postgres: new RecentKinds(),
};

/** What `sql` does, remembered by its text. Fails closed: a statement that is not understood is a write. */
export function classify(sql: string, engine: Engine): StatementKind {
  const known = recent[engine].get(sql);
  if (known !== undefined) return known;
  const kind = scan(sql, engine);
  recent[engine].add(sql, kind);
  return kind;
}
