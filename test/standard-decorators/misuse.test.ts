import { describe, expect, it } from '@jest/globals';
import { MarksWrite, UseDatabase, UsePrimary, UseReplica } from '@sluice/core';

type AnyDecorator = (value: unknown, context: { kind: string }) => void;
const DECORATORS = [
  ['@UsePrimary()', UsePrimary],
  ['@UseReplica()', UseReplica],
  ['@UseDatabase()', () => UseDatabase('default')],
  ['@MarksWrite()', MarksWrite],
] as const;
const config = (message: string): Error =>
  expect.objectContaining({ code: 'SLUICE_CONFIG', message: expect.stringContaining(message) }) as unknown as Error;

describe.each(DECORATORS)('%s as a standard decorator', (name, decorator) => {
  const decorate = (): any => decorator();

  it('is refused on a field', () => {
    expect(
      () =>
        class Orders {
          @decorate()
          field = 1;
        },
    ).toThrow(config(`${name} is on a field; put it on a method or a class`));
  });

  it('is refused on a getter and on a setter', () => {
    expect(
      () =>
        class Orders {
          @decorate()
          get value(): number {
            return 1;
          }
        },
    ).toThrow(config(`${name} is on a getter; put it on a method or a class`));
    expect(
      () =>
        class Orders {
          @decorate()
          set value(_: number) {}
        },
    ).toThrow(config(`${name} is on a setter; put it on a method or a class`));
  });

  it('is refused on an accessor', () => {
    expect(
      () =>
        class Orders {
          @decorate()
          accessor value = 1;
        },
    ).toThrow(config(`${name} is on a accessor; put it on a method or a class`));
  });
});

describe.each([
  ['@UsePrimary()', UsePrimary],
  ['@UseReplica()', UseReplica],
  ['@MarksWrite()', MarksWrite],
] as const)('%s without its parentheses', (name, decorator) => {
  it('is refused where it is written', () => {
    const bare = decorator as unknown as AnyDecorator;
    expect(
      () =>
        class Orders {
          @(bare as any)
          read(): void {}
        },
    ).toThrow(config(`${name} is on the function read without its parentheses; write ${name}`));
  });
});
