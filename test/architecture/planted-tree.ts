import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Text by path. */
export type Files = Readonly<Record<string, string>>;

/** Answers what `check` finds in a tree of these files; the tree is gone afterwards. */
export function findingsIn(files: Files, check: (root: string) => readonly string[]): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'sluice-planted-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    linkPackages(root);
    return check(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The manifest of a package that is looked up by its sources, so that a planted tree needs no build. */
export function manifest(name: string, more: object = {}): string {
  return JSON.stringify({ name: `@sluice/${name}`, version: '0.1.0', exports: './src/index.ts', ...more });
}

/** As npm links workspaces. */
function linkPackages(root: string): void {
  if (!existsSync(join(root, 'packages'))) return;
  mkdirSync(join(root, 'node_modules/@sluice'), { recursive: true });
  for (const name of readdirSync(join(root, 'packages'))) {
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@sluice', name));
  }
}
