import { SluiceError } from './errors.js';
import { show } from './options.js';
import type { ScopeOptions } from './scopes.js';
import { clusterOf, currentSession, refuseNoName, useDatabase, usePrimary, useReplica } from './scopes.js';

/**
 * Decorates a method, or a class: each method of its own then, but no accessor, static method or function in a field.
 * Under `experimentalDecorators` and as a standard decorator alike.
 */
export interface ScopeDecorator {
  /** A class; also one whose constructor is not public, so not by its signature. */
  (target: { readonly prototype: object }, context?: { readonly kind: 'class' }): void;
  <This, Args extends unknown[], Result>(
    method: (this: This, ...args: Args) => Result,
    context: ClassMethodDecoratorContext<This>,
  ): (this: This, ...args: Args) => Result;
  <T>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<T>): TypedPropertyDescriptor<T>;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Reads of the method, or of each method of the class, go to the primary, as in `usePrimary`. */
export function UsePrimary(options?: ScopeOptions): ScopeDecorator {
  return scoped('@UsePrimary()', options, (work) => usePrimary(work, options));
}

/** Reads of the method, or of each method of the class, go to replicas and writes are refused, as in `useReplica`. */
export function UseReplica(options?: ScopeOptions): ScopeDecorator {
  return scoped('@UseReplica()', options, (work) => useReplica(work, options));
}

/** The method, or each method of the class, runs on exactly this database, as in `useDatabase`. */
export function UseDatabase(database: string, options?: ScopeOptions): ScopeDecorator {
  refuseNoName('@UseDatabase()', database);
  return scoped('@UseDatabase()', options, (work) => useDatabase(database, work, options));
}

/**
 * The method, or each method of the class, writes: its own reads go to the primary, and the user's next request is
 * pinned; this one is not.
 */
export function MarksWrite(options?: ScopeOptions): ScopeDecorator {
  return scoped('@MarksWrite()', options, (work) => {
    currentSession()?.markWritten();
    return usePrimary(work, options);
  });
}

function scoped(
  name: string,
  options: ScopeOptions | undefined,
  scope: (work: () => unknown) => unknown,
): ScopeDecorator {
  // without its parentheses a decorator is called with the method, or the class or prototype that has it
  if (typeof options === 'function' || (options instanceof Object && Object.hasOwn(options, 'constructor'))) {
    throw new SluiceError('SLUICE_CONFIG', `${name} is on ${show(options)} without its parentheses; write ${name}`);
  }
  clusterOf(name, options);
  const wrap = (method: Method): Method => {
    const wrapped: Method = function wrapped(...args) {
      return scope(() => method.apply(this, args));
    };
    return dressedAs(method, wrapped);
  };
  const decorate = (
    target: unknown,
    context?: string | symbol | DecoratorContext,
    descriptor?: PropertyDescriptor,
  ): unknown => {
    const kind = typeof context === 'object' ? context.kind : undefined;
    const isClass = kind === 'class' || (context === undefined && descriptor === undefined);
    if (isClass && hasPrototype(target)) return wrapMethods(target.prototype, wrap);
    if (typeof context === 'object') {
      if (kind === 'method' && typeof target === 'function') return wrap(target as Method);
      throw new SluiceError('SLUICE_CONFIG', `${name} is on a ${context.kind}; put it on a method or a class`);
    }
    const method: unknown = descriptor?.value;
    if (typeof method === 'function') return { ...descriptor, value: wrap(method as Method) };
    const where = `${show(target)}, ${String(context)}`;
    throw new SluiceError('SLUICE_CONFIG', `${name} is on ${where}; put it on a method or a class`);
  };
  return decorate as ScopeDecorator;
}

function hasPrototype(target: unknown): target is { readonly prototype: object } {
  return typeof target === 'function' && typeof target.prototype === 'object';
}

/** Wraps what a class has of methods itself; those it inherits belong to another class. */
function wrapMethods(prototype: object, wrap: (method: Method) => Method): void {
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    const method: unknown = descriptor?.value;
    if (key === 'constructor' || typeof method !== 'function') continue;
    Object.defineProperty(prototype, key, { ...descriptor, value: wrap(method as Method) });
  }
}

/** The subset of reflect-metadata that copies what other decorators have left on a method. */
interface MetadataReflect {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** Frameworks read a method's name, length, properties and metadata (Nest's routes are metadata on the function). */
function dressedAs(method: Method, wrapped: Method): Method {
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(method));
  const reflect = Reflect as MetadataReflect;
  for (const key of reflect.getOwnMetadataKeys?.(method) ?? []) {
    reflect.defineMetadata?.(key, reflect.getOwnMetadata?.(key, method), wrapped);
  }
  return wrapped;
}
