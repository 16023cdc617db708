import type { Cluster as Servers } from '@sluice/testbed';
import { startCluster } from '@sluice/testbed';
import type { EngineUnderTest } from '../../engines.js';
import { askServersOf } from '../../support/who.js';

export { ENGINES, type EngineUnderTest } from '../../engines.js';
export { whoSql } from '../../support/who.js';

/** Starts servers, and lets the entities of `shop.ts` tell which of them answered. */
export async function startServers(engine: EngineUnderTest, replicas = 2): Promise<Servers> {
  askServersOf(engine);
  return startCluster({ engine, replicas });
}
