import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packagesOf, REPOSITORY } from './repository.js';

export const RULES = join(REPOSITORY, '.dependency-cruiser.mjs');

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

/** The imports of the packages' sources that break a rule of `.dependency-cruiser.mjs`, as "rule: from -> to". */
export function importFindings(root: string): readonly string[] {
  const sources = packagesOf(root)
    .map((folder) => `${folder}/src`)
    .filter((folder) => existsSync(join(root, folder)));
  const cruiser = join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cruiser, '--config', RULES, '--output-type', 'json', ...sources],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (stdout === '') throw new Error(`dependency-cruiser printed no report: ${stderr}`);
  const { summary } = JSON.parse(stdout) as Report;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).toSorted();
}
