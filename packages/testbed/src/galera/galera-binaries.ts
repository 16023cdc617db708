import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { TestbedError } from '../errors.js';
import { findMariadb, type MariadbBinaries } from '../mariadb/mariadb-binaries.js';

export interface GaleraBinaries extends MariadbBinaries {
  /** The library that MariaDB loads to become a Galera node. */
  readonly provider: string;
}

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'];

export function findGalera(): GaleraBinaries {
  const mariadb = findMariadb();
  const provider = PROVIDERS.find((file) => existsSync(file));
  if (provider === undefined) throw missing('libgalera_smm.so');
  for (const command of ['wsrep_sst_rsync', 'rsync']) if (!onPath(command)) throw missing(command);
  return { ...mariadb, provider };
}

function onPath(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, command)));
}

function missing(what: string): TestbedError {
  return new TestbedError(
    'TESTBED_MISSING_ENGINE',
    `${what} was not found: install Galera (Debian, Ubuntu: apt-get install galera-4 mariadb-server rsync)`,
  );
}
