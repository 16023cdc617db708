import { describe, expect, it } from '@jest/globals';
import { manifestFindings } from './manifest-findings.js';
import { type Files, findingsIn, manifest } from './planted-tree.js';
import { REPOSITORY } from './repository.js';

const PEERS = { '@sluice/core': '^0.1.0' };
const SOUND: Files = {
  'packages/core/package.json': manifest('core'),
  'packages/http/package.json': manifest('http', { peerDependencies: PEERS }),
  'packages/nestjs/package.json': manifest('nestjs', {
    peerDependencies: { ...PEERS, '@sluice/http': '^0.1.0' },
  }),
  'packages/typeorm/package.json': manifest('typeorm', { peerDependencies: { ...PEERS, typeorm: '^1.0.0' } }),
};

const PLANTED: readonly (readonly [name: string, more: object, finding: string])[] = [
  ['core', { dependencies: { 'lru-cache': '11.5.3' } }, 'packages/core: core depends on nothing, but names lru-cache'],
  ['core', { peerDependencies: { typeorm: '*' } }, 'packages/core: core depends on nothing, but names typeorm'],
  [
    'typeorm',
    { dependencies: { '@sluice/http': '^0.1.0' } },
    'packages/typeorm: @sluice/typeorm may not depend on @sluice/http',
  ],
  [
    'nestjs',
    { peerDependencies: { '@sluice/typeorm': '^0.1.0' } },
    'packages/nestjs: @sluice/nestjs may not depend on @sluice/typeorm',
  ],
  [
    'typeorm',
    { peerDependencies: { '@sluice/core': '^0.2.0' } },
    'packages/typeorm: @sluice/core is 0.1.0 here, but the range is ^0.2.0',
  ],
];

describe('the manifests of the packages', () => {
  it('follow the arrows and agree in this repository', () => {
    expect(manifestFindings(REPOSITORY)).toEqual([]);
  });

  it('follow the arrows and agree in a sound tree', () => {
    expect(findingsIn(SOUND, manifestFindings)).toEqual([]);
  });

  it.each(PLANTED)('of %s are refused with %j', (name, more, finding) => {
    const files = { ...SOUND, [`packages/${name}/package.json`]: manifest(name, more) };
    expect(findingsIn(files, manifestFindings)).toEqual([finding]);
  });
});
