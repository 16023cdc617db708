// publint and are-the-types-wrong on every package that is published; both look at what `npm pack` makes of it.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

for (const file of globSync('packages/*/package.json').toSorted()) {
  if (JSON.parse(readFileSync(file, 'utf8')).private) continue;
  const folder = dirname(file);
  const checks = {
    publint: spawnSync('publint', ['--strict', folder], { stdio: 'inherit' }),
    attw: spawnSync('attw', ['--pack', folder, '--profile', 'esm-only', '--quiet'], { stdio: 'inherit' }),
  };
  for (const [tool, { status, error }] of Object.entries(checks)) {
    if (status === 0) continue;
    console.error(`${tool} refuses ${folder}${error ? `: ${error.message}` : ''}`);
    process.exitCode = 1;
  }
}
