import { describe, expect, it } from '@jest/globals';
import { importFindings, RULES } from './import-findings.js';
import { type Files, findingsIn, manifest } from './planted-tree.js';
import { REPOSITORY } from './repository.js';

/** A tree in which nothing is wrong. */
const SOUND: Files = {
  'packages/core/package.json': manifest('core'),
  'packages/core/src/index.ts': "export { Cluster } from './cluster.js';\n",
  'packages/core/src/cluster.ts':
    "import { connect } from 'node:net';\nimport { decide } from './decide.js';\nexport class Cluster { work = [connect, decide]; }\n",
  'packages/core/src/decide.ts': "import { SluiceError } from './errors.js';\nexport const decide = SluiceError;\n",
  'packages/core/src/errors.ts': 'export class SluiceError {}\n',
  'packages/typeorm/package.json': manifest('typeorm', { peerDependencies: { '@sluice/core': '^0.1.0' } }),
  'packages/typeorm/src/index.ts': "export { Cluster } from '@sluice/core';\n",
  'packages/http/package.json': manifest('http', { peerDependencies: { '@sluice/core': '^0.1.0' } }),
  'packages/http/src/index.ts': "export { Cluster } from '@sluice/core';\n",
  'packages/nestjs/package.json': manifest('nestjs', {
    peerDependencies: { '@sluice/core': '^0.1.0', '@sluice/http': '^0.1.0' },
  }),
  'packages/nestjs/src/index.ts': "export { Cluster } from '@sluice/core';\nexport * as http from '@sluice/http';\n",
};

/** What a rule says, a tree that breaks it, and the finding. */
const PLANTED: readonly (readonly [rule: string, files: Files, finding: string])[] = [
  [
    'core imports no library',
    { 'packages/core/src/errors.ts': "export { DataSource } from 'typeorm';\n" },
    'core-imports-node-only: packages/core/src/errors.ts -> typeorm',
  ],
  [
    'core imports no other package, not even a type',
    {
      'packages/core/src/errors.ts': "import type * as http from '@sluice/http';\nexport type Http = typeof http;\n",
    },
    'core-imports-node-only: packages/core/src/errors.ts -> packages/http/src/index.ts',
  ],
  [
    'an adapter imports no other adapter',
    { 'packages/typeorm/src/routed.ts': "export * as http from '@sluice/http';\n" },
    'packages-import-core-only: packages/typeorm/src/routed.ts -> packages/http/src/index.ts',
  ],
  [
    'an adapter loads no other adapter later either',
    { 'packages/http/src/late.ts': "export const late = () => import('@sluice/typeorm');\n" },
    'packages-import-core-only: packages/http/src/late.ts -> packages/typeorm/src/index.ts',
  ],
  [
    'nestjs imports no adapter',
    { 'packages/nestjs/src/module.ts': "export * as typeorm from '@sluice/typeorm';\n" },
    'nestjs-imports-core-and-http-only: packages/nestjs/src/module.ts -> packages/typeorm/src/index.ts',
  ],
  [
    'a package is imported by its name, not by its files',
    { 'packages/typeorm/src/deep.ts': "export { SluiceError } from '../../core/src/errors.js';\n" },
    'packages-import-by-public-name: packages/typeorm/src/deep.ts -> packages/core/src/errors.ts',
  ],
  [
    'only what a package exports can be imported',
    { 'packages/typeorm/src/deep.ts': "export { SluiceError } from '@sluice/core/src/errors.js';\n" },
    'imports-are-found: packages/typeorm/src/deep.ts -> @sluice/core/src/errors.js',
  ],
  [
    'what is imported is declared',
    {
      'packages/typeorm/src/undeclared.ts': "export * as pg from 'pg';\n",
      'node_modules/pg/package.json': '{ "name": "pg", "version": "8.0.0", "main": "index.js" }',
      'node_modules/pg/index.js': '',
    },
    'imports-are-declared: packages/typeorm/src/undeclared.ts -> node_modules/pg/index.js',
  ],
  [
    'no import runs in a circle',
    { 'packages/core/src/errors.ts': "export { decide as SluiceError } from './decide.js';\n" },
    'no-cycles: packages/core/src/decide.ts -> packages/core/src/errors.ts',
  ],
  [
    'no import of a type runs in a circle',
    {
      'packages/typeorm/src/a.ts': "import type { B } from './b.js';\nexport type A = B;\n",
      'packages/typeorm/src/b.ts': "import type { A } from './a.js';\nexport type B = A;\n",
    },
    'no-cycles: packages/typeorm/src/a.ts -> packages/typeorm/src/b.ts',
  ],
  [
    'inside core nothing imports the cluster but the doors',
    { 'packages/core/src/pins.ts': "export { Cluster } from './cluster.js';\n" },
    'core-nothing-above-the-joint-but-the-doors: packages/core/src/pins.ts -> packages/core/src/cluster.ts',
  ],
  [
    'the ground of core imports ground only',
    { 'packages/core/src/databases.ts': "export { decide } from './decide.js';\n" },
    'core-ground-stands-on-ground: packages/core/src/databases.ts -> packages/core/src/decide.ts',
  ],
  [
    'a selection knows no router',
    {
      'packages/core/src/router.ts': 'export abstract class Router {}\n',
      'packages/core/src/selection/random.ts': "export type { Router } from '../router.js';\n",
    },
    'core-selection-knows-no-router: packages/core/src/selection/random.ts -> packages/core/src/router.ts',
  ],
  [
    'the classifier knows SQL only',
    { 'packages/core/src/statement/tokens.ts': "export { decide } from '../decide.js';\n" },
    'core-statement-knows-sql-only: packages/core/src/statement/tokens.ts -> packages/core/src/decide.ts',
  ],
];

describe('imports', () => {
  it('follow the arrows in this repository', () => {
    expect(importFindings(REPOSITORY)).toEqual([]);
  });

  it('follow the arrows in a sound tree', () => {
    expect(findingsIn(SOUND, importFindings)).toEqual([]);
  });

  it.each(PLANTED)('are refused otherwise: %s', (_rule, files, finding) => {
    expect(findingsIn({ ...SOUND, ...files }, importFindings)).toContain(finding);
  });

  it('are refused by each rule there is', async () => {
    const config = (await import(RULES)) as { default: { forbidden: readonly { name: string }[] } };
    const proven = new Set(PLANTED.map(([, , finding]) => finding.split(':')[0]));
    expect(config.default.forbidden.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
  });
});
