import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findAccount, weAreRoot } from '../account.js';
import { Daemon } from '../daemon.js';
import type { Engine, Peers, Surroundings } from '../engine.js';
import type { Place } from '../place.js';
import { freePorts, releasePorts } from '../free-ports.js';
import { mariadbCommand } from '../mariadb/mariadb-command.js';
import { MARIADB_USERS } from '../mariadb/mariadb-settings.js';
import { bootstrapMariadb } from '../mariadb/mariadb-template.js';
import { mysqlSession } from '../mysql-session.js';
import type { Session } from '../session.js';
import { until } from '../until.js';
import { findGalera } from './galera-binaries.js';
import { galeraArgs } from './galera-settings.js';

const PORTS = 4;
const ALONE: Surroundings = { role: 'primary', peers: { all: [], running: [] } };

/** MariaDB with Galera: every server is a primary. */
export function galeraEngine(options: { readonly maxConnections: number }): Engine {
  const binaries = findGalera();
  const account = weAreRoot ? findAccount('mysql', 'nobody') : undefined; // as root the state transfer by rsync fails
  const command = (folder: string): readonly string[] =>
    mariadbCommand(binaries, { folder, asRoot: weAreRoot && account === undefined });

  /** One node that has run alone and ended in order: its copies join a group without a transfer of all its files. */
  const buildTemplate = async (folder: string): Promise<void> => {
    if (account) chownSync(folder, account.uid, account.gid);
    await bootstrapMariadb({ binaries, command: command(folder), folder, account });
    const ports = (await freePorts(PORTS)) as [number, ...number[]];
    const place: Place = { name: 'template', ports, id: 1, folder };
    const daemon = new Daemon({ ...launch(place, ALONE), cwd: folder, log: `${folder}.log` });
    try {
      await until(async () => isSynced(await statusOf(place)), { what: 'the first Galera node serves' });
    } finally {
      await daemon.end({ signal: 'SIGTERM', patienceMs: 10_000 });
      releasePorts(ports);
    }
    for (const file of ['galera.cache', 'gvwstate.dat']) rmSync(join(folder, file), { force: true });
  };
  const launch = (place: Place, surroundings: Surroundings): ReturnType<Engine['launch']> => ({
    file: binaries.mariadbd,
    args: [
      ...command(place.folder),
      ...galeraArgs({ place, peers: peersIn(surroundings), provider: binaries.provider }),
      `--max-connections=${options.maxConnections}`,
    ],
    account,
  });
  const connect: Engine['connect'] = (place, timeouts) => mysqlSession(join(place.folder, 'admin.sock'), timeouts);
  const statusOf = async (place: Place): Promise<Status> => {
    const session = await connect(place);
    try {
      return await wsrep(session);
    } finally {
      session.close();
    }
  };
  return {
    name: 'galera',
    portsPerServer: PORTS,
    replication: undefined,
    templateKey: JSON.stringify([binaries, command(''), MARIADB_USERS]),
    endSignal: 'SIGTERM',
    tearDownSignal: 'SIGKILL',
    buildTemplate,
    prepare: async (place, surroundings) => {
      const { running } = peersIn(surroundings);
      if (running.length === 0) return allowBootstrap(place);
      // a node that comes back before the others have expelled its former self takes the quorum from all of them
      const isExpelled = async (peer: Place): Promise<boolean> => {
        const status = await statusOf(peer);
        return isSynced(status) && Number(status['wsrep_cluster_size']) === running.length;
      };
      for (const peer of running) await until(() => isExpelled(peer), { what: `${peer.name} counts the living only` });
    },
    launch,
    clearAfterKill: async () => {},
    connect,
    isReady: async (session) => isSynced(await wsrep(session)),
    position: async (session) => String((await wsrep(session))['wsrep_last_committed']),
    hasReached: async (session, position) => Number((await wsrep(session))['wsrep_last_committed']) >= Number(position),
  };
}

function peersIn(surroundings: Surroundings): Peers {
  return surroundings.role === 'primary' ? surroundings.peers : { all: [], running: [] };
}

/** A node that did not stop last is not trusted to found the group; with nobody else running, this one must. */
function allowBootstrap(place: Place): void {
  const file = join(place.folder, 'grastate.dat');
  if (!existsSync(file)) return;
  writeFileSync(file, readFileSync(file, 'utf8').replace('safe_to_bootstrap: 0', 'safe_to_bootstrap: 1'));
}

type Status = Readonly<Record<string, unknown>>;

function isSynced(status: Status): boolean {
  return status['wsrep_ready'] === 'ON' && status['wsrep_local_state_comment'] === 'Synced';
}

async function wsrep(session: Session): Promise<Status> {
  const rows = await session.query("SHOW STATUS LIKE 'wsrep_%'");
  return Object.fromEntries(rows.map((row) => [String(row['Variable_name']), row['Value']]));
}
