import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the TypeORM that this project’s tests import. */
export const typeormFolder = folderOf(createRequire(import.meta.url).resolve('typeorm'));

/** Its version, from its own package.json. */
export const { version: typeormVersion } = JSON.parse(readFileSync(join(typeormFolder, 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** The nearest folder above a file that has a package.json with a version. */
function folderOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      if ('version' in JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))) return folder;
    } catch {
      // not the root of a package
    }
  }
  throw new Error(`${file} is in no package`);
}
