import { SluiceError } from '@sluice/core';

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result;

/** Per copy of this package: each copy knows its own data sources, and leaves those of others alone. */
const patched = new WeakMap<object, Set<string>>();

/**
 * Puts a method around one of TypeORM's, once. It keeps the name and the arity of what it wraps: typeorm-transactional
 * counts the parameters of a method to see whether it is still the one it knows.
 * @throws SluiceError `SLUICE_CONFIG` if this version of TypeORM has no such method
 */
export function patch<This, Args extends unknown[], Result>(
  prototype: object,
  name: string,
  wrap: (stock: Method<This, Args, Result>) => Method<This, Args, Result>,
): void {
  const done = patched.get(prototype) ?? new Set();
  if (done.has(name)) return;
  const methods = prototype as Record<string, Method<This, Args, Result> | undefined>;
  const stock = methods[name];
  if (stock === undefined) {
    throw new SluiceError(
      'SLUICE_CONFIG',
      `this version of TypeORM lacks ${prototype.constructor.name}.${name}, on which routing stands; use TypeORM 0.3.20 to 1.1`,
    );
  }
  const around = wrap(stock);
  Object.defineProperties(around, { name: { value: name }, length: { value: stock.length } });
  methods[name] = around;
  patched.set(prototype, done.add(name));
}
