import { existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { TestbedError } from '../errors.js';

export interface MariadbBinaries {
  readonly mariadbd: string;
  /** The folder that holds `sbin/mariadbd` and `share`. */
  readonly base: string;
  /** The folder of `mysql_system_tables.sql`, character sets and messages. */
  readonly share: string;
  /** Changes when another version is installed. */
  readonly version: string;
}

const SYSTEM_TABLES = 'mysql_system_tables.sql';

/** `SLUICE_MARIADBD`, else where the system keeps it: Debian's /usr/sbin is not on an ordinary user's PATH. */
export function findMariadb(): MariadbBinaries {
  const asked = process.env['SLUICE_MARIADBD'];
  const folders = [
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/local/opt/mariadb/bin',
    '/opt/homebrew/opt/mariadb/bin',
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  ];
  const mariadbd = asked ?? folders.map((folder) => join(folder, 'mariadbd')).find((file) => existsSync(file));
  if (mariadbd === undefined || !existsSync(mariadbd)) {
    const where =
      asked === undefined ? 'mariadbd was not found' : `SLUICE_MARIADBD is "${asked}", which does not exist`;
    throw missing(where);
  }
  const base = dirname(dirname(realpathSync(mariadbd)));
  const share = ['share/mysql', 'share/mariadb', 'share']
    .map((folder) => join(base, folder))
    .find((folder) => existsSync(join(folder, SYSTEM_TABLES)));
  if (share === undefined) throw missing(`${SYSTEM_TABLES} was not found beside ${mariadbd}`);
  const { mtimeMs, size } = statSync(mariadbd);
  return { mariadbd, base, share, version: `${mariadbd} ${mtimeMs} ${size}` };
}

function missing(what: string): TestbedError {
  return new TestbedError(
    'TESTBED_MISSING_ENGINE',
    `${what}: install it (Debian, Ubuntu: apt-get install mariadb-server-core; macOS: brew install mariadb) or set ` +
      'SLUICE_MARIADBD to the path of mariadbd',
  );
}
