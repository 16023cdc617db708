import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../..');

/** What git ignores, and git itself. */
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.nx', '.git']);

/** The paths of all files of a tree that belong into git, in order. */
export function filesOf(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name) && !name.endsWith('.tsbuildinfo'))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesOf(root, path) : [path];
    })
    .toSorted();
}

export const textOf = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

/** The fields of a package.json that the checks look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly types: string }>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export const manifestOf = (root: string, folder: string): Manifest =>
  JSON.parse(textOf(root, join(folder, 'package.json'))) as Manifest;

/** The folders of the packages, such as `packages/core`. */
export const packagesOf = (root: string): readonly string[] =>
  readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
