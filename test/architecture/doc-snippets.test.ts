import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findingsIn } from './planted-tree.js';
import { REPOSITORY } from './repository.js';

/** The lines that the check of the documentation's code prints. */
const check = (root: string): readonly string[] => {
  const script = join(REPOSITORY, 'scripts/check-doc-snippets.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return [...stdout.trim().split('\n'), `exit code ${status}`];
};
const block = (...lines: string[]): string => ['# Title', '', '```ts', ...lines, '```', ''].join('\n');

describe('the check of the code in the documentation', () => {
  it('takes code that compiles, with what lies beside it', () => {
    const files = {
      'docs/snippets/order.ts': 'export class Order {}\n',
      'README.md': block(
        "import { usePrimary } from '@sluice/core';",
        "import { Order } from './order.js';",
        'export const order: Order = await usePrimary(async () => new Order());',
      ),
    };
    expect(findingsIn(files, check)).toEqual(['1 snippets in 1 files', 'exit code 0']);
  });

  it('names the file and the line of a wrong call, also in the second block', () => {
    const right = block("export const text = 'text';");
    const wrong = block("import { usePrimary } from '@sluice/core';", '', 'usePrimary(1);');
    expect(findingsIn({ 'packages/core/README.md': right + wrong }, check)).toEqual([
      expect.stringMatching(/^packages\/core\/README\.md:11:12: error TS2345: /),
      '2 snippets in 1 files',
      'exit code 1',
    ]);
  });

  it('leaves out what is marked', () => {
    const right = block("export const text = 'text';");
    const marked = block('nonsense(').replace('```ts', '```ts no-check');
    expect(findingsIn({ 'README.md': marked + right }, check)).toEqual(['1 snippets in 1 files', 'exit code 0']);
  });
});
