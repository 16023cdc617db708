import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { MarksWrite, UsePrimary } from '../../src/decorators.js';

/** Marks a method as frameworks do: with metadata on the function, and properties of it. */
function Route(path: string): MethodDecorator {
  return (_target, _key, descriptor) => {
    const method = descriptor.value as object;
    Reflect.defineMetadata('path', path, method);
    Object.assign(method, { path });
  };
}

class Orders {
  @UsePrimary()
  @Route('/inside')
  inside(_a: string, _b: number): void {}

  @Route('/outside')
  @UsePrimary()
  outside(_a: string, _b: number): void {}

  @MarksWrite()
  @UsePrimary()
  @Route('/twice')
  twice(_a: string): Promise<void> {
    return Promise.resolve();
  }

  undecorated(_a: string, _b: number): void {}
}

const METHODS = ['inside', 'outside', 'twice'] as const;

describe.each(METHODS)('a decorated method, %s,', (name) => {
  const method = Orders.prototype[name] as ((...args: never[]) => unknown) & { readonly path?: string };

  it('keeps its name', () => {
    expect(method.name).toBe(name);
  });

  it('keeps its length', () => {
    expect(method).toHaveLength(name === 'twice' ? 1 : 2);
  });

  it('keeps the metadata that reflect-metadata has of it', () => {
    expect(Reflect.getMetadata('path', method)).toBe(`/${name}`);
    expect(Reflect.getOwnMetadataKeys(method)).toEqual(['path']);
  });

  it('keeps its own properties', () => {
    expect(method.path).toBe(`/${name}`);
  });

  it('is no more enumerable than before', () => {
    const [before, after] = ['undecorated', name].map((key) => Object.getOwnPropertyDescriptor(Orders.prototype, key));
    expect({ ...after, value: undefined }).toEqual({ ...before, value: undefined });
  });
});

describe('the types that TypeScript emits for a decorated method', () => {
  it('are kept', () => {
    expect(Reflect.getMetadata('design:paramtypes', Orders.prototype, 'inside')).toEqual([String, Number]);
    expect(Reflect.getMetadata('design:returntype', Orders.prototype, 'twice')).toBe(Promise);
  });
});
