import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Account } from '../account.js';
import { run } from '../run.js';
import type { MariadbBinaries } from './mariadb-binaries.js';
import { MARIADB_USERS } from './mariadb-settings.js';

export interface BootstrapOptions {
  readonly binaries: MariadbBinaries;
  readonly command: readonly string[];
  readonly folder: string;
  /** The account to run as; it must own the folder. Default: ours. */
  readonly account?: Account | undefined;
}

/**
 * What `mariadb-install-db` does, without the help tables and the sys schema nobody reads here: 0.25 s instead of 0.7 s,
 * and it needs no more than the server itself.
 */
export async function bootstrapMariadb(options: BootstrapOptions): Promise<void> {
  const { binaries, command, folder, account } = options;
  mkdirSync(join(folder, 'mysql'));
  if (account) chownSync(join(folder, 'mysql'), account.uid, account.gid);
  const sql = (file: string): string => readFileSync(join(binaries.share, file), 'utf8');
  const systemRows = sql('mysql_system_tables_data.sql')
    .split('\n')
    .filter((line) => !line.includes('@current_hostname')); // accounts for the machine's name: we only know 127.0.0.1
  const input = [
    'CREATE DATABASE IF NOT EXISTS mysql;', // one statement a line: bootstrap ends a statement at the line's end
    'USE mysql;',
    'SET @auth_root_socket=NULL;',
    sql('mysql_system_tables.sql'),
    sql('mysql_performance_tables.sql'),
    ...systemRows,
    'FLUSH PRIVILEGES;',
    MARIADB_USERS,
  ].join('\n');
  const longLines = ['--max-allowed-packet=8M', '--net-buffer-length=16K'];
  const args = [...command, '--bootstrap', '--log-warnings=0', ...longLines];
  await run(binaries.mariadbd, args, { cwd: folder, input, account });
}
