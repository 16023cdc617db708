import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../run.js';

/**
 * A killed server leaves a System V segment, of which a system has few. Its number is in the lock file, line 7, behind
 * its key. The next start in the same folder would remove it; a folder that is thrown away does not get one.
 */
export async function removeSharedMemory(folder: string): Promise<void> {
  const lock = join(folder, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const id = readFileSync(lock, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1];
  if (id !== undefined) await run('ipcrm', ['-m', id]).catch(() => {}); // it is gone already
}
