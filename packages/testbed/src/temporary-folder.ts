import { accessSync, chmodSync, constants, lstatSync, mkdirSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 300 * 1024 * 1024;

/** A new empty folder, in memory where there is room. Others may pass through it, as the database's account must. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'sluice-testbed-'));
  chmodSync(folder, 0o711);
  return folder;
}

/**
 * The folder of this user that outlives the process, on disk; undefined if somebody else has taken its name, in which
 * case what is in it cannot be trusted.
 */
export function cacheFolder(): string | undefined {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `sluice-testbed-cache-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const found = lstatSync(folder);
  const ours = found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0;
  return ours ? folder : undefined;
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ENOUGH_BYTES;
  } catch {
    return false;
  }
}
