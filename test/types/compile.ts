import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, 'fixtures');
const TSC = join(REPOSITORY, 'node_modules/@typescript/native/bin/tsc');

/** The errors that fixtures announce, as "file:line TS1234": `// @ts-expect-error TS1234: why`, for the next line. */
export function announced(fixtures: readonly string[]): readonly string[] {
  return fixtures.flatMap((fixture) =>
    readFileSync(join(FIXTURES, fixture), 'utf8')
      .split('\n')
      .flatMap((text, index) => {
        const codes = /@ts-expect-error ([TS\d ]+): /.exec(text)?.[1]?.split(' ') ?? [];
        return codes.map((code) => `${fixture}:${index + 2} ${code}`);
      }),
  );
}

/**
 * The errors that the compiler finds in fixtures, in the same form. It is not told which ones are expected, for
 * `@ts-expect-error` takes any error for the one that is meant.
 */
export function found(fixtures: readonly string[], options: object): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-types-'));
  try {
    for (const fixture of fixtures) {
      const text = readFileSync(join(FIXTURES, fixture), 'utf8').replaceAll('@ts-expect-error', 'expected:');
      mkdirSync(join(folder, dirname(fixture)), { recursive: true });
      writeFileSync(join(folder, fixture), text);
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const config = {
      extends: join(REPOSITORY, 'tsconfig.base.json'),
      compilerOptions: { composite: false, noEmit: true, ...options, typeRoots: ['node_modules/@types'] },
      files: fixtures,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout } = spawnSync(process.execPath, [TSC, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout
      .split('\n')
      .filter((line) => /^\S/.test(line))
      .map((line) => line.replace(/^(.+?)\((\d+),\d+\): error (TS\d+): .*$/, '$1:$2 $3'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
