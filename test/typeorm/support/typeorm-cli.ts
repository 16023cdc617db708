import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typeormFolder } from './typeorm-version.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How a command has ended. */
interface Ended {
  readonly code: number | null;
  /** Set if it had to be ended, as it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A folder of somebody's project, with the built adapter and this project's TypeORM installed in it. */
export interface CliProject {
  write(file: string, text: string): void;
  /** Runs a command of TypeORM's CLI there. */
  run(...command: string[]): Promise<Ended>;
  remove(): void;
}

export function cliProject(): CliProject {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'typeorm-cli-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@sluice'), { recursive: true });
  symlinkSync(typeormFolder, join(modules, 'typeorm'));
  symlinkSync(join(root, 'packages', 'core'), join(modules, '@sluice', 'core'));
  // a copy, so that it finds this project's TypeORM and not the one beside it in the repository
  const adapter = join(root, 'packages', 'typeorm');
  cpSync(join(adapter, 'package.json'), join(modules, '@sluice', 'typeorm', 'package.json'));
  cpSync(join(adapter, 'dist'), join(modules, '@sluice', 'typeorm', 'dist'), { recursive: true });
  return {
    write: (file, text) => writeFileSync(join(folder, file), text),
    run: (...command) =>
      new Promise((resolve) => {
        const cli = join(modules, 'typeorm', 'cli.js');
        const child = execFile(
          process.execPath,
          [cli, ...command],
          { cwd: folder, timeout: 30_000, killSignal: 'SIGKILL' },
          (_error, stdout, stderr) =>
            resolve({ code: child.exitCode, signal: child.signalCode, output: `${stdout}${stderr}` }),
        );
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
