import { describe, expect, it } from '@jest/globals';
import { type Files, findingsIn, manifest } from './planted-tree.js';
import { publicAny, starExports } from './public-findings.js';
import { REPOSITORY } from './repository.js';

describe('public names', () => {
  it('are listed one by one in this repository', () => {
    expect(starExports(REPOSITORY)).toEqual([]);
  });

  it('are refused as a star, also one that has a name', () => {
    const files: Files = {
      'packages/core/src/index.ts': [
        "export { SluiceError } from './errors.js';",
        "export type { Route } from './route.js';",
        "export * from './session.js';",
        "export type * from './lease.js';",
        "export * as routers from './routers.js';",
        "// export * from './comment.js'",
      ].join('\n'),
    };
    expect(findingsIn(files, starExports)).toEqual([3, 4, 5].map((line) => `packages/core/src/index.ts:${line}`));
  });
});

describe('public types', () => {
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };

  it('never say any in this repository', () => {
    expect(publicAny(REPOSITORY)).toEqual([]);
  });

  it('are refused with an any in whatever the entry reaches', () => {
    const files: Files = {
      'packages/core/package.json': manifest('core', { exports }),
      'packages/core/dist/index.d.ts': "export { Cluster } from './cluster.js';\n",
      'packages/core/dist/cluster.d.ts':
        "/** Takes any. */\nexport declare class Cluster {\n  on(event: 'any', listener: (...args: any[]) => void): this;\n}\n",
      'packages/core/dist/left-over.d.ts': 'export declare const old: any;\n',
    };
    expect(findingsIn(files, publicAny)).toEqual(['packages/core/dist/cluster.d.ts:3']);
  });

  it('have to be built', () => {
    const files = { 'packages/core/package.json': manifest('core', { exports }) };
    expect(findingsIn(files, publicAny)).toEqual(['packages/core/dist/index.d.ts is missing; run npm run build']);
  });
});
