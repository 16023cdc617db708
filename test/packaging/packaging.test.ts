import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Consumer, NODES, packed, VERSIONS } from './consumer.js';

const OWN = ['@sluice/core', '@sluice/typeorm', '@sluice/testbed'];
const LIBRARIES = ['typeorm', 'mysql2', 'pg', 'reflect-metadata', '@types/node'];
const TYPEORMS = {
  'TypeORM 1': VERSIONS['typeorm'],
  'TypeORM 0.3': VERSIONS['typeorm-0.3']?.replace('npm:typeorm@', ''),
};

let tarballs: Readonly<Record<string, string>>;
const folder = mkdtempSync(join(tmpdir(), 'sluice-tarballs-'));
beforeAll(() => {
  tarballs = packed(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(TYPEORMS))('the packed packages beside %s', (_name, typeorm = '') => {
  const consumer = new Consumer();
  beforeAll(() => {
    const libraries = LIBRARIES.map((name) => [name, VERSIONS[name] ?? '']);
    const own = OWN.map((name) => [name, `file:${tarballs[name]}`]);
    consumer.install({ ...Object.fromEntries([...libraries, ...own]), typeorm });
  }, 180_000);
  afterAll(() => consumer.remove());

  describe.each(Object.entries(NODES))('on %s', (_node, node) => {
    const seen = {
      isDataSource: true,
      databases: ['default: primary', 'replica-1: replica'],
      inScope: 'the answer of the work',
      sameCore: true,
      sameAdapter: true,
      kit: 'function',
      testbed: 'function',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    };

    it('are imported, and are the same when they are required', () => {
      expect(consumer.run('import.mjs', node)).toEqual(seen);
    });

    it('are required, and are the same when they are imported', () => {
      expect(consumer.run('require.cjs', node)).toEqual(seen);
    });

    it('keep a session on its primary and send other reads to a replica', () => {
      const served = { plain: 'replica-1', inScope: 'default', afterWrite: 'default' };
      expect(consumer.run('serve.mjs', node)).toEqual(served);
    });
  });

  describe.each(['module', 'commonjs'] as const)('in TypeScript with "type": "%s"', (type) => {
    it('compile, their own declarations and those of TypeORM checked', () => {
      expect(consumer.compile('shop.ts', type)).toBe('');
    });

    it.each(Object.entries(NODES))('run on %s', (_node, node) => {
      expect(consumer.runCompiled('shop.ts', type, node)).toEqual({
        title: 'tea',
        isDataSource: true,
        hasMetadata: true,
      });
    });
  });
});
