import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findAccount, weAreRoot } from '../account.js';
import type { Engine } from '../engine.js';
import type { Place } from '../place.js';
import { findPostgres, type PostgresSource } from './find-postgres.js';
import { postgresReplication } from './postgres-replication.js';
import { postgresSession } from './postgres-session.js';
import { POSTGRES_ACCESS, POSTGRES_USERS, postgresSettings } from './postgres-settings.js';
import { initdb } from './postgres-template.js';
import { removeSharedMemory } from './shared-memory.js';

export interface PostgresOptions {
  readonly maxConnections: number;
  readonly binaries: PostgresSource | undefined;
}

/** PostgreSQL: a primary and hot standbys. */
export function postgresEngine({ maxConnections, binaries }: PostgresOptions): Engine {
  const account = weAreRoot ? findAccount('postgres', 'nobody') : undefined; // it refuses to run as root
  const { bin, version } = findPostgres(binaries, account);
  const settings = postgresSettings(maxConnections);
  const write = (place: Place, file: string, text: string): void => {
    const path = join(place.folder, file);
    writeFileSync(path, text, { mode: 0o600 });
    if (account) chownSync(path, account.uid, account.gid);
  };
  const aim = (place: Place, upstream: Place): void => {
    const [port] = upstream.ports;
    const conninfo = `host=127.0.0.1 port=${port} user=repl password=repl application_name=${place.name}`;
    write(place, 'upstream.conf', `primary_conninfo = '${conninfo}'\n`);
  };
  return {
    name: 'postgres',
    portsPerServer: 1,
    replication: postgresReplication(aim),
    templateKey: JSON.stringify([version, settings, POSTGRES_ACCESS, POSTGRES_USERS, account]),
    endSignal: 'SIGINT', // "fast": SIGTERM would wait for every client to leave
    tearDownSignal: 'SIGQUIT', // after SIGKILL its shared memory and, where no init waits for them, its children stay

    buildTemplate: (folder) => initdb({ bin, account, settings, folder }),
    prepare: (place, surroundings) => {
      if (surroundings.role === 'primary') return rmSync(join(place.folder, 'standby.signal'), { force: true });
      write(place, 'standby.signal', '');
      aim(place, surroundings.upstream);
    },
    launch: (place) => ({
      file: join(bin, 'postgres'),
      args: ['-D', place.folder, '-c', `port=${place.ports[0]}`, '-c', `unix_socket_directories=${place.folder}`],
      account,
    }),
    clearAfterKill: (place) => removeSharedMemory(place.folder),
    connect: (place, timeouts) => postgresSession({ host: place.folder, port: place.ports[0] }, timeouts),
    isReady: async () => true,
    position: async (session) => {
      const [row] = await session.query('SELECT pg_current_wal_lsn()::text AS position');
      return String(row?.['position']);
    },
    hasReached: async (session, position) => {
      const [row] = await session.query(`SELECT pg_last_wal_replay_lsn() >= '${position}' AS reached`);
      return row?.['reached'] === true;
    },
  };
}
