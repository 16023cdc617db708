import type { Replication } from '../replication.js';

/** By GTID: a replica continues where its own data ends, whoever is the primary. */
export const MARIADB_REPLICATION: Replication = {
  follow: async (session, _place, upstream) => {
    await session.query(
      `STOP SLAVE;
      CHANGE MASTER TO master_host='127.0.0.1', master_port=${upstream.ports[0]}, master_user='repl',
        master_password='repl', master_use_gtid=slave_pos, master_connect_retry=1, master_heartbeat_period=1;
      START SLAVE`,
    );
  },
  isFollowing: async (session) => {
    const [status] = await session.query('SHOW SLAVE STATUS');
    return status?.['Slave_IO_Running'] === 'Yes' && status['Slave_SQL_Running'] === 'Yes';
  },
  pauseReplay: async (session) => void (await session.query('STOP SLAVE SQL_THREAD')),
  resumeReplay: async (session) => void (await session.query('START SLAVE SQL_THREAD')),
  refuseWrites: async (session) => void (await session.query('SET GLOBAL read_only = 1')),
  settledPosition: async (session) => {
    const [status] = await session.query('SHOW SLAVE STATUS');
    const [row] = await session.query('SELECT @@global.gtid_slave_pos AS position');
    const position = String(row?.['position']);
    return status?.['Gtid_IO_Pos'] === '' || status?.['Gtid_IO_Pos'] === position ? position : undefined;
  },
  promote: async (session) => {
    await session.query('STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0');
  },
};
