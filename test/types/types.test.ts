import { describe, expect, it } from '@jest/globals';
import { announced, found } from './compile.js';

const FIXTURES = ['data-source.ts', 'retryable.ts', 'scopes.ts', 'routers.ts', 'decorators.ts'];
const KINDS = [
  ['experimental', 'legacy/misplaced.ts', { experimentalDecorators: true, emitDecoratorMetadata: true }],
  ['standard', 'standard/misplaced.ts', { experimentalDecorators: false }],
] as const;

describe.each(KINDS)('the public types, under %s decorators', (_kind, misplaced, options) => {
  it('allow what the fixtures do and refuse what they say is refused, for the reason they say', () => {
    const fixtures = [...FIXTURES, misplaced];
    const errors = announced(fixtures);
    expect(errors.length).toBeGreaterThan(15);
    expect(found(fixtures, options).toSorted()).toEqual(errors.toSorted());
  });
});
