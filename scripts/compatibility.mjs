// Runs the conformance kit with every ORM version on every engine, and writes what came out between the two marks of
// README.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
const readme = join(repository, 'README.md');
const MARK = '<!-- compatibility -->';

/** Jest's projects in the order of the table, each with its ORM and where that is installed. */
const PROJECTS = {
  'typeorm-1': ['TypeORM', 'node_modules/typeorm'],
  'typeorm-0.3': ['TypeORM', 'node_modules/typeorm-0.3'],
  'mikro-orm-7': ['MikroORM', 'node_modules/@mikro-orm/core'],
  'mikro-orm-6': ['MikroORM', 'test/mikro-orm-6/node_modules/@mikro-orm/core'],
};
/** The engines by their names in the tests. */
const ENGINES = { mariadb: 'MariaDB', postgres: 'PostgreSQL' };

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** How the kit names a spec of something that an ORM is declared not to have: its test says that it refuses. */
const CANNOT = 'refuses, as it cannot: ';

/** All specs of one project, as Jest reports them; its JSON does not name projects, so each is a run of its own. */
function specsOf(project, folder) {
  const outputFile = join(folder, `${project}.json`);
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = join(repository, 'node_modules/jest/bin/jest.js');
  const which = ['--selectProjects', project, '--testPathPatterns', 'conformance'];
  const { stderr } = spawnSync(
    process.execPath,
    [...flags, jest, ...which, '--json', `--outputFile=${outputFile}`, '--silent'],
    {
      cwd: repository,
      encoding: 'utf8',
      maxBuffer: Number.POSITIVE_INFINITY,
      env: { ...process.env, SLUICE_REQUIRE_ENGINES: Object.keys(ENGINES).join(',') },
    },
  );
  if (!existsSync(outputFile)) throw new Error(`the tests of ${project} did not run:\n${stderr}`);
  const specs = readJson(outputFile).testResults.flatMap(({ assertionResults }) => assertionResults);
  if (specs.some(hasFailed)) process.stderr.write(stderr);
  return specs;
}

function hasFailed({ status }) {
  return status !== 'passed';
}

/** "38 of 38", of the specs on one engine, and what the ORM cannot. */
function passed(specs, engine) {
  const here = specs.filter(({ ancestorTitles }) => ancestorTitles.includes(`on ${engine}`));
  if (here.length === 0) throw new Error(`no spec ran on ${engine}`);
  const cannot = here.filter(({ title }) => title.startsWith(CANNOT));
  const done = here.filter((spec) => !hasFailed(spec) && !cannot.includes(spec));
  const without = cannot.map(({ title }) => title.slice(CANNOT.length)).join(', ');
  return `${done.length} of ${here.length}${without && ` (not in this version: ${without})`}`;
}

/** The version that a server tells, from the servers that the tests use. */
async function versionOf(engine) {
  const { startCluster } = await import('@sluice/testbed');
  const servers = await startCluster({ engine, replicas: 0 });
  try {
    const [row] = await servers.primary.query('SELECT version() AS version');
    return /\d+(\.\d+)+/.exec(row.version)[0];
  } finally {
    await servers.stop();
  }
}

function tableOf(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const [head, ...others] = rows;
  return [line(head), line(head.map(() => '---')), ...others.map(line)].join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-compatibility-'));
try {
  const engines = Object.keys(ENGINES);
  const heads = [];
  for (const engine of engines) heads.push(`${ENGINES[engine]} ${await versionOf(engine)}`);
  const rows = [];
  for (const [project, [orm, installed]] of Object.entries(PROJECTS)) {
    process.stderr.write(`${project}\n`);
    const specs = specsOf(project, folder);
    if (specs.some(hasFailed)) process.exitCode = 1;
    const { version } = readJson(join(repository, installed, 'package.json'));
    rows.push([`${orm} ${version}`, ...engines.map((engine) => passed(specs, engine))]);
  }
  const table = tableOf([['specs passed', ...heads], ...rows]);
  const parts = readFileSync(readme, 'utf8').split(MARK);
  if (parts.length !== 3) throw new Error(`README.md has ${parts.length - 1} × ${MARK}; it needs two`);
  writeFileSync(readme, [parts[0], `\n\n${table}\n\n`, parts[2]].join(MARK));
  console.log(table);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
