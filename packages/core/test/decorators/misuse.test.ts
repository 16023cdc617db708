import { describe, expect, it } from '@jest/globals';
import type { ScopeDecorator } from '../../src/decorators.js';
import { MarksWrite, UseDatabase, UsePrimary, UseReplica } from '../../src/decorators.js';
import { refusal } from '../support/thrown.js';

type Legacy = (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => unknown;
const DECORATORS: readonly (readonly [string, (...args: never[]) => ScopeDecorator, ScopeDecorator])[] = [
  ['@UsePrimary()', UsePrimary, UsePrimary()],
  ['@UseReplica()', UseReplica, UseReplica()],
  ['@UseDatabase()', UseDatabase, UseDatabase('default')],
  ['@MarksWrite()', MarksWrite, MarksWrite()],
];

class Orders {
  field = 1;
  method(): void {}
  get accessor(): number {
    return 1;
  }
}
const descriptorOf = (key: string): PropertyDescriptor | undefined =>
  Object.getOwnPropertyDescriptor(Orders.prototype, key);

describe.each(DECORATORS)('%s', (name, decorator, decorate) => {
  const apply = decorate as unknown as Legacy;

  it.each([
    ['a function', () => apply(() => 1), 'a function, undefined'],
    ['a parameter of a constructor', () => apply(Orders, undefined, 0 as never), 'the function Orders, undefined'],
    ['a field', () => apply(Orders.prototype, 'field'), 'an object of class Orders, field'],
    [
      'an accessor',
      () => apply(Orders.prototype, 'accessor', descriptorOf('accessor')),
      'an object of class Orders, accessor',
    ],
    ['a symbol', () => apply(Orders.prototype, Symbol('key')), 'an object of class Orders, Symbol(key)'],
  ])('is refused on %s', async (_what, work, where) => {
    expect(await refusal('SLUICE_CONFIG', work)).toBe(`${name} is on ${where}; put it on a method or a class`);
  });

  it('is refused without its parentheses, where it is written', async () => {
    const bare = decorator as unknown as (...args: unknown[]) => unknown;
    const message = await refusal('SLUICE_CONFIG', () => bare(Orders.prototype, 'method', descriptorOf('method')));
    expect(message).toContain(
      name === '@UseDatabase()' ? 'give the name of a database' : `without its parentheses; write ${name}`,
    );
    expect(await refusal('SLUICE_CONFIG', () => bare(Orders, 'method', descriptorOf('method')))).toContain(name);
  });

  it('is accepted on a method', () => {
    expect(apply(Orders.prototype, 'method', descriptorOf('method'))).toMatchObject({ value: expect.any(Function) });
  });

  it('is accepted on a class', () => {
    expect(apply(class Archive extends Orders {})).toBeUndefined();
  });
});

describe('the options of a decorator', () => {
  it.each([
    [
      '@UsePrimary()',
      () => UsePrimary({ clutser: 'x' } as object),
      '@UsePrimary() has no option "clutser", did you mean "cluster"?; allowed are cluster',
    ],
    [
      '@UseReplica()',
      () => UseReplica('shop' as never),
      'the options of @UseReplica() are "shop"; give an object with any of cluster',
    ],
    [
      '@MarksWrite()',
      () => MarksWrite({ cluster: '' }),
      'cluster of @MarksWrite() is ""; give the name of a cluster, or leave it out for all',
    ],
    ['@UseDatabase()', () => UseDatabase(''), '@UseDatabase() got ""; give the name of a database of the cluster'],
    [
      '@UseDatabase()',
      () => UseDatabase('x', { name: 'y' } as object),
      '@UseDatabase() has no option "name"; allowed are cluster',
    ],
  ])('are checked where it is written: %s', async (_name, work, message) => {
    expect(await refusal('SLUICE_CONFIG', work)).toBe(message);
  });
});
