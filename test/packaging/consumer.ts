import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
const PROGRAMS = join(import.meta.dirname, 'consumer');
const TSC = join(REPOSITORY, 'node_modules/@typescript/native/bin/tsc');

/** Node.js that a user may have: the one that runs the tests, and the machine's own, which may be the oldest we serve. */
export const NODES: Readonly<Record<string, string>> = {
  'the Node of the tests': process.execPath,
  "the machine's own Node": ownNode() ?? process.execPath,
};

function ownNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Packs what would be published, as `npm publish` does; answers the tarballs by package name. */
export function packed(folder: string): Readonly<Record<string, string>> {
  const packages = readdirSync(join(REPOSITORY, 'packages'))
    .map((name) => [name, manifestIn(join(REPOSITORY, 'packages', name))] as const)
    .filter(([, manifest]) => manifest.private !== true);
  npm(REPOSITORY, ['pack', '--pack-destination', folder, ...packages.map(([name]) => `./packages/${name}`)]);
  return Object.fromEntries(
    packages.map(([, { name, version }]) => [
      name,
      join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
    ]),
  );
}

/** An empty project of a user, in a folder of its own. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-consumer-'));

  /** Installs tarballs and libraries: the ranges by name. */
  install(dependencies: Readonly<Record<string, string>>): void {
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
    npm(this.folder, ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional']);
  }

  /** Runs one of the programs of `consumer/`; answers the JSON that it prints. */
  run(program: string, node: string): unknown {
    copyFileSync(join(PROGRAMS, program), join(this.folder, program));
    return this.#print(join(this.folder, program), node);
  }

  /** Compiles a program as a project of this `type`; answers the messages of the compiler. */
  compile(program: string, type: 'module' | 'commonjs'): string {
    const folder = join(this.folder, type);
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(PROGRAMS, program), join(folder, program));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [program] }));
    try {
      return execFileSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8', cwd: folder });
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout ?? error);
    }
  }

  runCompiled(program: string, type: 'module' | 'commonjs', node: string): unknown {
    return this.#print(join(this.folder, type, program.replace(/\.ts$/, '.js')), node);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #print(file: string, node: string): unknown {
    return JSON.parse(execFileSync(node, [file], { cwd: this.folder, encoding: 'utf8', stdio: 'pipe' }));
  }
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The versions that this repository is tested with. */
export const VERSIONS = manifestIn(REPOSITORY).devDependencies ?? {};

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** npm as its user has set it up, but not as the script of this repository that runs the tests. */
function npm(folder: string, args: readonly string[]): void {
  const env = Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local)/.test(name));
  execFileSync('npm', args, { cwd: folder, env: Object.fromEntries(env), stdio: 'pipe' });
}
