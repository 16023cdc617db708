import { describe, expect, it } from '@jest/globals';
import { findingsIn, manifest } from './planted-tree.js';
import { REPOSITORY } from './repository.js';
import { addressFindings, documentationFindings, lockFindings } from './text-findings.js';

// put together here, so that this file itself holds no address
const host = (...labels: string[]): string => labels.join('.');
const url = (...path: string[]): string => ['https:', '', ...path].join('/');
const folder = (name: string): string => `/${name}/`;
const NPM = host('registry', 'npmjs', 'org');

const ADDRESSES: readonly (readonly [path: string, text: string, found: string])[] = [
  ['.npmrc', `registry=${url('example.test')}`, `registry=${url('')}`],
  ['lerna.json', `{ "registry": "${url('example.test')}" }`, `registry": "${url('')}`],
  ['docs/install.md', `npm install --registry ${NPM}`, host('registry', 'npmjs')],
  ['.ci/run', `echo deb ${host('deb', 'debian', 'org')} bookworm`, host('deb', 'debian', 'org')],
  ['scripts/get.sh', `curl ${url('example.test', 'server-1.0.tar.gz')}`, url('example.test', 'server-1.0.tar.gz')],
  ['scripts/get.sh', `curl ${host('cdn', 'mysql', 'com')}/x`, host('cdn', 'mysql', 'com')],
  ['packages/core/src/a.ts', `// seen in ${folder('root')}x`, folder('root')],
  ['packages/core/src/a.ts', `// seen in "${folder('work')}x"`, `"${folder('work')}`],
];

describe('the files of the repository', () => {
  it('name no registry, no download and no folder of one machine', () => {
    expect(addressFindings(REPOSITORY)).toEqual([]);
  });

  it.each(ADDRESSES)('are refused if %s says %j', (path, text, found) => {
    expect(findingsIn({ [path]: `first\n${text}\n` }, addressFindings)).toEqual([`${path}:2: ${found}`]);
  });

  it('may link to pages, and may lie in folders that git ignores', () => {
    const link = 'https://mariadb.com/kb/en/replication/ and packages/work/index.ts';
    const files = { 'README.md': link, 'node_modules/a/package.json': NPM, 'packages/core/dist/a.js': NPM };
    expect(findingsIn(files, addressFindings)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  const lock = (resolved: string): Record<string, string> => ({
    'package-lock.json': JSON.stringify({
      packages: {
        '': {},
        'node_modules/@sluice/core': { resolved: 'packages/core' },
        'node_modules/a': { resolved },
      },
    }),
  });

  it('holds no download address', () => {
    expect(lockFindings(REPOSITORY)).toEqual([]);
  });

  it.each([url('example.test', 'a-1.0.0.tgz'), 'git+ssh://git@example.test/a.git#1234'])(
    'is refused with %s',
    (resolved) => {
      expect(findingsIn(lock(resolved), lockFindings)).toEqual(['node_modules/a']);
    },
  );
});

describe('the documentation', () => {
  const project = {
    'package.json': JSON.stringify({ scripts: { test: 'jest', 'bench:routing': 'node bench/routing.js' } }),
    'packages/core/package.json': manifest('core', { scripts: { build: 'tsc -b' } }),
    'scripts/check.mjs': '',
  };

  it('names scripts and files that exist', () => {
    expect(documentationFindings(REPOSITORY)).toEqual([]);
  });

  it('may name scripts of the root and of packages, files, pages and headings', () => {
    const text =
      '`npm test`, npm run bench:routing -- --fast, npm run -s build, node scripts/check.mjs, ' +
      '[core](packages/core), [heading](#install), [page](https://example.test/a)';
    expect(findingsIn({ ...project, 'README.md': text }, documentationFindings)).toEqual([]);
  });

  it.each([
    ['npm run demo', 'there is no script demo'],
    ['npm run bench', 'there is no script bench'],
    ['npm start', 'there is no script start'],
    ['node scripts/gone.mjs', 'there is no scripts/gone.mjs'],
    ['[guide](docs/guide.md#start)', 'there is no docs/guide.md'],
  ])('is refused with %j', (text, finding) => {
    expect(findingsIn({ ...project, 'README.md': `# Title\n\n${text}\n` }, documentationFindings)).toEqual([
      `README.md:3: ${finding}`,
    ]);
  });
});
