import { join } from 'node:path';

import type { MariadbBinaries } from './mariadb-binaries.js';
import { MARIADB_SETTINGS } from './mariadb-settings.js';

export interface MariadbCommandOptions {
  readonly folder: string;
  /** It refuses to run as root unless it is told to. */
  readonly asRoot: boolean;
}

/** What every call of mariadbd needs, whether it serves or only fills a folder. */
export function mariadbCommand(binaries: MariadbBinaries, options: MariadbCommandOptions): readonly string[] {
  const { base, share } = binaries;
  return [
    '--no-defaults', // or the machine's own configuration leaks in
    ...(options.asRoot ? ['--user=root'] : []),
    `--datadir=${options.folder}`,
    `--basedir=${base}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    ...MARIADB_SETTINGS,
  ];
}
