import { join } from 'node:path';

import { weAreRoot } from '../account.js';
import type { Engine, Role } from '../engine.js';
import type { Place } from '../place.js';
import { mysqlSession } from '../mysql-session.js';
import { findMariadb } from './mariadb-binaries.js';
import { mariadbCommand } from './mariadb-command.js';
import { MARIADB_REPLICATION } from './mariadb-replication.js';
import { MARIADB_USERS } from './mariadb-settings.js';
import { bootstrapMariadb } from './mariadb-template.js';

/** MariaDB: a primary and replicas by GTID. */
export function mariadbEngine(options: { readonly maxConnections: number }): Engine {
  const binaries = findMariadb();
  const command = (folder: string): readonly string[] => mariadbCommand(binaries, { folder, asRoot: weAreRoot });
  return {
    name: 'mariadb',
    portsPerServer: 1,
    replication: MARIADB_REPLICATION,
    templateKey: JSON.stringify([binaries, command(''), MARIADB_USERS]),
    endSignal: 'SIGTERM',
    tearDownSignal: 'SIGKILL',

    buildTemplate: (folder) => bootstrapMariadb({ binaries, command: command(folder), folder }),
    prepare: () => {},
    launch: (place, { role }) => ({
      file: binaries.mariadbd,
      args: [...command(place.folder), ...serving(place, role), `--max-connections=${options.maxConnections}`],
    }),
    clearAfterKill: async () => {},
    connect: (place, timeouts) => mysqlSession(socketOf(place), timeouts),
    isReady: async () => true,
    position: async (session) => {
      const [row] = await session.query('SELECT @@global.gtid_binlog_pos AS position');
      return String(row?.['position']);
    },
    hasReached: async (session, position) => {
      if (position === '') return true;
      const [row] = await session.query(`SELECT MASTER_GTID_WAIT('${position}', 0.1) AS waited`);
      return row?.['waited'] === 0;
    },
  };
}

function socketOf(place: Place): string {
  return join(place.folder, 'admin.sock');
}

function serving(place: Place, role: Role): readonly string[] {
  return [
    `--port=${place.ports[0]}`,
    '--bind-address=127.0.0.1',
    `--socket=${socketOf(place)}`,
    `--pid-file=${join(place.folder, 'server.pid')}`,
    `--server-id=${place.id}`,
    '--log-bin=binlog',
    '--relay-log=relaylog',
    '--relay-log-recovery=1', // a killed replica fetches again what it had not applied
    '--binlog-format=ROW',
    '--log-slave-updates=1',
    '--gtid-strict-mode=1',
    '--slave-net-timeout=5',
    '--skip-slave-start', // following starts when the administrator says whom
    ...(role === 'replica' ? ['--read-only=1'] : []), // by option: SET GLOBAL does not survive a restart
  ];
}
