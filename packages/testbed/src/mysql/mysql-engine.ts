import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { weAreRoot } from '../account.js';
import type { Engine, Role } from '../engine.js';
import type { Place } from '../place.js';
import { mysqlSession } from '../mysql-session.js';
import { run } from '../run.js';
import { findMysql } from './mysql-binaries.js';
import { MYSQL_REPLICATION } from './mysql-replication.js';
import { MYSQL_SETTINGS, MYSQL_USERS } from './mysql-settings.js';

/** MySQL 8.4 and later: a primary and replicas by GTID. */
export function mysqlEngine(options: { readonly maxConnections: number }): Engine {
  const { file, args, version } = findMysql();
  const command = (folder: string): readonly string[] => [
    ...args,
    ...(weAreRoot ? ['--user=root'] : []),
    `--datadir=${folder}`,
    ...MYSQL_SETTINGS,
  ];
  return {
    name: 'mysql',
    portsPerServer: 1,
    replication: MYSQL_REPLICATION,
    templateKey: JSON.stringify([version, command(''), MYSQL_USERS]),
    endSignal: 'SIGTERM',
    tearDownSignal: 'SIGKILL',

    buildTemplate: async (folder) => {
      const users = `${folder}.sql`; // beside the data folder, which must be empty
      writeFileSync(users, MYSQL_USERS);
      const initialize = ['--initialize-insecure', '--skip-log-bin', `--init-file=${users}`];
      await run(file, [...command(folder), ...initialize], { cwd: folder });
      rmSync(join(folder, 'auto.cnf'), { force: true }); // the server's own identity: every copy makes another
      rmSync(users);
    },
    prepare: () => {},
    launch: (place, { role }) => ({
      file,
      args: [...command(place.folder), ...serving(place, role), `--max-connections=${options.maxConnections}`],
    }),
    clearAfterKill: async () => {},
    connect: (place, timeouts) => mysqlSession(socketOf(place), timeouts),
    isReady: async () => true,
    position: async (session) => {
      const [row] = await session.query('SELECT @@global.gtid_executed AS position');
      return String(row?.['position']).replaceAll('\n', '');
    },
    hasReached: async (session, position) => {
      const [row] = await session.query(`SELECT GTID_SUBSET('${position}', @@global.gtid_executed) AS reached`);
      return row?.['reached'] === 1;
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
    '--relay-log-recovery=1',
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--replica-net-timeout=5',
    '--skip-replica-start', // following starts when the administrator says whom
    '--innodb-fast-shutdown=2',
    ...(role === 'replica' ? ['--read-only=1', '--super-read-only=1'] : []),
  ];
}
