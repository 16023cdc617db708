import type { Place } from '../place.js';
import type { Replication } from '../replication.js';
import { until } from '../until.js';

/** By streaming. `aim` writes into the data folder whom a standby follows. */
export function postgresReplication(aim: (place: Place, upstream: Place) => void): Replication {
  return {
    follow: async (session, place, upstream) => {
      aim(place, upstream);
      await session.query('SELECT pg_reload_conf()');
    },
    isFollowing: async (session) => {
      const [row] = await session.query('SELECT status FROM pg_stat_wal_receiver');
      return row?.['status'] === 'streaming';
    },
    pauseReplay: async (session) => {
      await session.query('SELECT pg_wal_replay_pause()');
      const isPaused = async (): Promise<boolean> => {
        const [row] = await session.query('SELECT pg_get_wal_replay_pause_state() AS state');
        return row?.['state'] === 'paused';
      };
      await until(isPaused, { what: 'replay is paused', everyMs: 1 });
    },
    resumeReplay: async (session) => void (await session.query('SELECT pg_wal_replay_resume()')),
    refuseWrites: async () => {}, // an orderly end sends everything to the standbys first
    settledPosition: async (session) => {
      const [row] = await session.query(
        `SELECT pg_last_wal_replay_lsn()::text AS position,
          (SELECT wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval')
            FROM pg_stat_activity WHERE backend_type = 'startup') AS waits`,
      );
      return row?.['waits'] === true ? String(row['position']) : undefined;
    },
    promote: async (session) => void (await session.query('SELECT pg_promote(true, 20)')),
  };
}
