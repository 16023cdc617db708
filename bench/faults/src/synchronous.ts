import type { Cluster } from '@sluice/testbed';
import type { EngineName } from './place.js';
import { until } from './until.js';

/** Makes the primary wait for one of its replicas with every commit. */
export const SYNCHRONOUS: Readonly<Record<EngineName, (servers: Cluster) => Promise<void>>> = {
  mariadb: async ({ primary, servers }) => {
    const replicas = servers.filter((server) => server !== primary);
    await primary.query(
      "SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC'; SET GLOBAL rpl_semi_sync_master_enabled = 1",
    );
    for (const replica of replicas) {
      await replica.query('SET GLOBAL rpl_semi_sync_slave_enabled = 1; STOP SLAVE IO_THREAD; START SLAVE IO_THREAD');
    }
    await until(async () => {
      const [row] = await primary.query("SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'");
      return Number(row?.['Value']) === replicas.length;
    });
  },
  postgres: async ({ primary, servers }) => {
    await primary.query("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'");
    await primary.query('SELECT pg_reload_conf()');
    await until(async () => {
      const rows = await primary.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'quorum'");
      return rows.length === servers.length - 1;
    });
  },
};
