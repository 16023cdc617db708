import { describe, expect, it } from '@jest/globals';
import { isSluiceError, SluiceError } from '../src/errors.js';

describe('a SluiceError', () => {
  it('is an error with its code, its message and its cause', () => {
    const cause = new Error('below');
    const error = new SluiceError('SLUICE_CONFIG', 'give it a name', { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'SluiceError',
      'SLUICE_CONFIG',
      'give it a name',
      cause,
    ]);
  });

  it('has no cause where there is none', () => {
    expect('cause' in new SluiceError('SLUICE_CLOSED', 'closed')).toBe(false);
  });
});

describe('isSluiceError()', () => {
  it('knows its own, and by code', () => {
    const error = new SluiceError('SLUICE_CLOSED', 'closed');
    expect(isSluiceError(error)).toBe(true);
    expect(isSluiceError(error, 'SLUICE_CLOSED')).toBe(true);
    expect(isSluiceError(error, 'SLUICE_CONFIG')).toBe(false);
  });

  it('knows those of another copy of the package, by their properties', () => {
    const foreign = Object.assign(new Error('closed'), { name: 'SluiceError', code: 'SLUICE_CLOSED' });
    expect(isSluiceError(foreign)).toBe(true);
    expect(isSluiceError({ code: 'SLUICE_TIMEOUT' }, 'SLUICE_TIMEOUT')).toBe(true);
  });

  it.each([
    undefined,
    null,
    'SLUICE_CONFIG',
    7,
    {},
    new Error('x'),
    { code: 1290 },
    { code: 'ECONNREFUSED' },
    { code: 'NOT_SLUICE_CONFIG' },
  ])('does not take %p for one', (other) => {
    expect(isSluiceError(other)).toBe(false);
  });
});
