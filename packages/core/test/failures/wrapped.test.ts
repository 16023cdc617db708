import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../src/failure.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: -111 });

/** Wraps an error as an ORM does. */
const inDriverError = (error: unknown): Error => Object.assign(new Error('QueryFailedError'), { driverError: error });
const inCause = (error: unknown): Error => new Error('could not load the orders', { cause: error });
const inAggregate = (error: unknown): Error => new AggregateError([error, new Error('another')], '');

describe.each(['mysql', 'postgres'] as const)('a wrapped error of %s is judged as the one inside', (engine) => {
  it.each([
    ['driverError', inDriverError],
    ['cause', inCause],
    ['errors of an AggregateError', inAggregate],
  ])('in %s, once and three deep', (_where, wrap) => {
    expect(failureOf(engine, wrap(refused))).toBe('unreachable');
    expect(failureOf(engine, wrap(wrap(wrap(refused))))).toBe('unreachable');
  });

  it('three deep, each in another way', () => {
    expect(failureOf(engine, inDriverError(inCause(inAggregate(refused))))).toBe('unreachable');
    expect(failureOf(engine, inAggregate(inCause(inDriverError(refused))))).toBe('unreachable');
  });

  it('without a code', () => {
    const text =
      engine === 'mysql'
        ? "Can't add new command when connection is in closed state"
        : 'Connection terminated unexpectedly';
    expect(failureOf(engine, inDriverError(inCause(new Error(text))))).toBe('lost');
  });

  it('with the code that Node.js gives an AggregateError itself', () => {
    const both = Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' });
    expect(failureOf(engine, both)).toBe('unreachable');
  });

  it('unless it is an application error all the way down', () => {
    expect(failureOf(engine, inDriverError(inCause(new Error('a bug'))))).toBe('application');
  });

  it('unless it contains itself', () => {
    const circle: Error & { cause?: unknown } = new Error('a circle');
    circle.cause = circle;
    expect(failureOf(engine, circle)).toBe('application');
  });

  it.each([undefined, null, 'ECONNREFUSED', 1040, Symbol('x'), () => {}, {}, []])(
    'where %p was thrown: application',
    (thrown) => {
      expect(failureOf(engine, thrown)).toBe('application');
    },
  );
});

describe('an error that an ORM rejects with', () => {
  it('is judged by its own code first', () => {
    const denied = Object.assign(inDriverError(refused), { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 });
    expect(failureOf('mysql', denied)).toBe('unusable');
  });

  it('is judged without a code also as an ERR_UNHANDLED_ERROR of Node.js', () => {
    const unhandled = Object.assign(new Error("Unhandled error. ('Connection terminated unexpectedly')"), {
      code: 'ERR_UNHANDLED_ERROR',
    });
    expect(failureOf('postgres', unhandled)).toBe('lost');
  });

  it('is not judged by its text where it has a code', () => {
    const syntax = Object.assign(new Error('syntax error at or near "Connection terminated"'), { code: '42601' });
    expect(failureOf('postgres', syntax)).toBe('application');
  });
});
