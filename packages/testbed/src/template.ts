import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Engine } from './engine.js';
import { run } from './run.js';
import { cacheFolder } from './temporary-folder.js';

/** Archives this process is making, or has made. */
const archives = new Map<string, Promise<string>>();

/**
 * An archive of a data folder that no server has used yet. It is made once per machine, user, server version and
 * options; a single file that is moved into place when complete, so processes that start together cannot spoil it.
 */
export function template(engine: Engine, workFolder: string): Promise<string> {
  const key = createHash('sha256').update(engine.templateKey).digest('hex').slice(0, 16);
  const archive = join(cacheFolder() ?? workFolder, `${engine.name}-${key}.tar`);
  if (existsSync(archive)) return Promise.resolve(archive);
  const known = archives.get(archive);
  if (known) return known;
  const made = make(engine, archive, join(workFolder, 'template')).finally(() => archives.delete(archive));
  archives.set(archive, made);
  return made;
}

/** Fills a new folder from an archive. */
export async function unpack(archive: string, folder: string): Promise<void> {
  mkdirSync(folder, { mode: 0o700 });
  await run('tar', ['-xpf', archive, '-C', folder]);
}

async function make(engine: Engine, archive: string, folder: string): Promise<string> {
  mkdirSync(folder, { mode: 0o700 });
  await engine.buildTemplate(folder);
  const unfinished = `${archive}.${randomUUID()}`;
  try {
    await run('tar', ['-cf', unfinished, '-C', folder, '.']);
    renameSync(unfinished, archive);
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
  return archive;
}
