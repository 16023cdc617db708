import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { TestbedError } from '../errors.js';

export interface MysqlBinaries {
  /** mysqld, or the loader that runs it with its own libraries. */
  readonly file: string;
  /** What stands before every other argument. */
  readonly args: readonly string[];
  /** Changes when another version is installed. */
  readonly version: string;
}

/**
 * `SLUICE_MYSQL_ROOT`, a folder into which the packages of MySQL (and of its libraries, if the system's are too old) were
 * unpacked, else where the system keeps it. MariaDB's link of the same name is not MySQL.
 */
export function findMysql(): MysqlBinaries {
  const asked = process.env['SLUICE_MYSQL_ROOT'];
  const roots = asked === undefined ? ['/', '/usr/local/mysql', '/opt/homebrew/opt/mysql'] : [asked];
  for (const root of roots) {
    const mysqld = ['usr/sbin/mysqld', 'bin/mysqld'].map((file) => join(root, file)).find(isMysql);
    if (mysqld === undefined) continue;
    const { mtimeMs, size } = statSync(mysqld);
    const version = `${mysqld} ${mtimeMs} ${size}`;
    return {
      ...(asked === undefined ? { file: mysqld, args: ['--no-defaults'] } : unpacked(asked, mysqld)),
      version,
    };
  }
  const where = asked === undefined ? 'mysqld was not found' : `SLUICE_MYSQL_ROOT is "${asked}", which holds no mysqld`;
  throw new TestbedError(
    'TESTBED_MISSING_ENGINE',
    `${where}: install MySQL 8.4 or later (Debian has mysql-server-core in sid only; Ubuntu: apt-get install ` +
      'mysql-server-core-8.0), or unpack its packages into a folder and set SLUICE_MYSQL_ROOT to it',
  );
}

function isMysql(file: string): boolean {
  return existsSync(file) && basename(realpathSync(file)) === 'mysqld';
}

function unpacked(root: string, mysqld: string): Pick<MysqlBinaries, 'file' | 'args'> {
  const own = [`--basedir=${join(root, 'usr')}`, `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`];
  const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const loaders = ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1'];
  const loader = loaders.map((file) => join(root, file)).find((file) => existsSync(file));
  if (loader === undefined) return { file: mysqld, args: ['--no-defaults', ...own] };
  const libraries = [`usr/lib/${arch}-linux-gnu`, 'usr/lib/mysql/private'].map((folder) => join(root, folder));
  return { file: loader, args: ['--library-path', libraries.join(':'), mysqld, '--no-defaults', ...own] };
}
