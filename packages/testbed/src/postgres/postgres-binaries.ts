import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { TestbedError } from '../errors.js';

export interface PostgresBinaries {
  /** The folder of initdb and postgres. */
  readonly bin: string;
  /** Changes when another version is installed. */
  readonly version: string;
}

/** `SLUICE_POSTGRES_BIN`, else the newest of Debian's, else Homebrew's, else the one on PATH; undefined: none. */
export function findInstalledPostgres(): PostgresBinaries | undefined {
  const asked = process.env['SLUICE_POSTGRES_BIN'];
  const candidates =
    asked !== undefined
      ? [asked]
      : [
          ...versionsIn('/usr/lib/postgresql', 'bin'),
          ...versionsIn('/opt/homebrew/opt', 'bin', 'postgresql@'),
          ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
        ];
  const bin = candidates.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
  if (bin !== undefined) return binariesIn(bin);
  if (asked === undefined) return undefined;
  throw new TestbedError(
    'TESTBED_MISSING_ENGINE',
    `SLUICE_POSTGRES_BIN is "${asked}", which holds no initdb and postgres: set it to the folder of both`,
  );
}

export function binariesIn(bin: string): PostgresBinaries {
  const { mtimeMs, size } = statSync(join(bin, 'postgres'));
  return { bin, version: `${bin} ${mtimeMs} ${size}` };
}

function versionsIn(folder: string, bin: string, prefix = ''): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .toSorted((a, b) => Number.parseInt(b.slice(prefix.length), 10) - Number.parseInt(a.slice(prefix.length), 10))
    .map((name) => join(folder, name, bin));
}
