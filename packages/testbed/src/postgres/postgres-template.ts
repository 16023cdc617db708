import { appendFileSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Account } from '../account.js';
import { run } from '../run.js';
import { POSTGRES_ACCESS, POSTGRES_USERS } from './postgres-settings.js';

export interface InitdbOptions {
  /** The folder of initdb and postgres. */
  readonly bin: string;
  readonly account: Account | undefined;
  readonly settings: string;
  readonly folder: string;
}

/** A cluster that is shut down cleanly: plain copies of it can be a primary and its standbys, without pg_basebackup. */
export async function initdb({ bin, account, settings, folder }: InitdbOptions): Promise<void> {
  if (account) chownSync(folder, account.uid, account.gid);
  const args = '-U postgres -A trust -E UTF8 --locale=C -N --no-instructions --wal-segsize=1'.split(' ');
  await run(join(bin, 'initdb'), ['-D', folder, ...args], { account });
  appendFileSync(join(folder, 'postgresql.conf'), settings);
  writeFileSync(join(folder, 'pg_hba.conf'), POSTGRES_ACCESS);
  await run(join(bin, 'postgres'), ['--single', '-D', folder, 'postgres'], {
    account,
    input: `${POSTGRES_USERS.trim()}\n`, // single-user mode ends a statement at the line's end
  });
}
