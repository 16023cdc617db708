// Type-checks every ```ts block of the Markdown files, each as a module of its own. A block may import './order.js' and
// whatever else lies in docs/snippets; one that starts with "```ts no-check" is left out.
// An argument names the folder of another project, whose libraries are still those of this one.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
const project = resolve(process.argv[2] ?? repository);
const folder = mkdtempSync(join(tmpdir(), 'sluice-snippets-'));

/** The text of a file with everything but one block blank, so that lines keep their numbers. */
function alone(text, { index, groups: { fence, code } }) {
  const before = text.slice(0, index + fence.length).replaceAll(/[^\n]/g, '');
  return `${before}${code}\nexport {};\n`;
}

function snippetsOf(file) {
  const text = readFileSync(join(project, file), 'utf8');
  return [...text.matchAll(/^(?<fence>```ts(?<meta>[^\n]*)\n)(?<code>[\s\S]*?)^```/gm)]
    .filter(({ groups }) => !groups.meta.includes('no-check'))
    .map((block, index) => ({
      file,
      name: `${file.replaceAll('/', '__')}-${index + 1}.ts`,
      code: alone(text, block),
    }));
}

const files = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'examples/*/*.md'], {
  cwd: project,
}).toSorted();
const snippets = files.flatMap((file) => snippetsOf(file));
const origin = new Map(snippets.map(({ name, file }) => [name, file]));

try {
  const beside = join(project, 'docs/snippets');
  if (existsSync(beside)) cpSync(beside, folder, { recursive: true });
  for (const { name, code } of snippets) writeFileSync(join(folder, name), code);
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    noEmit: true,
    composite: false,
    typeRoots: ['node_modules/@types'],
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  const config = { extends: join(repository, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(repository, 'node_modules/@typescript/native/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  process.stdout.write(
    stdout.replaceAll(/^([^\s(]+)\((\d+),(\d+)\)/gm, (_all, name, line, column) => {
      return `${origin.get(name) ?? `docs/snippets/${name}`}:${line}:${column}`;
    }),
  );
  console.log(`${snippets.length} snippets in ${files.length} files`);
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
