import type { Replication } from '../replication.js';

/** By GTID with automatic positions. */
export const MYSQL_REPLICATION: Replication = {
  follow: async (session, _place, upstream) => {
    await session.query(
      `STOP REPLICA;
      CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${upstream.ports[0]}, SOURCE_USER='repl',
        SOURCE_PASSWORD='repl', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1, SOURCE_CONNECT_RETRY=1,
        SOURCE_RETRY_COUNT=86400, SOURCE_HEARTBEAT_PERIOD=1;
      START REPLICA`,
    );
  },
  isFollowing: async (session) => {
    const [status] = await session.query('SHOW REPLICA STATUS');
    return status?.['Replica_IO_Running'] === 'Yes' && status['Replica_SQL_Running'] === 'Yes';
  },
  pauseReplay: async (session) => void (await session.query('STOP REPLICA SQL_THREAD')),
  resumeReplay: async (session) => void (await session.query('START REPLICA SQL_THREAD')),
  refuseWrites: async (session) => void (await session.query('SET GLOBAL super_read_only = 1')),
  settledPosition: async (session) => {
    const [status] = await session.query('SHOW REPLICA STATUS');
    const received = String(status?.['Retrieved_Gtid_Set']).replaceAll('\n', '');
    const [row] = await session.query(
      `SELECT @@global.gtid_executed AS executed, GTID_SUBSET('${received}', @@global.gtid_executed) AS settled`,
    );
    return row?.['settled'] === 1 ? String(row['executed']).replaceAll('\n', '') : undefined;
  },
  promote: async (session) => {
    await session.query('STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = 0; SET GLOBAL read_only = 0');
  },
};
