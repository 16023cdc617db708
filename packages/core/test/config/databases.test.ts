import { describe, expect, it } from '@jest/globals';
import type { DatabaseOptions, RoutingOptions } from '../../src/config.js';
import { configOf, roleByName } from '../../src/config.js';
import { refusal } from '../support/thrown.js';

type Given = Readonly<Record<string, DatabaseOptions>>;
const databases = (given: Given): string[] =>
  configOf(given, {}).databases.all.map(({ name, role, weight }) => `${name} ${role} ${weight}`);
const message = (given: unknown): Promise<string> => refusal('SLUICE_CONFIG', () => configOf(given as Given, {}));

describe('the role of a database', () => {
  it.each([
    ['default', 'primary'],
    ['primary', 'primary'],
    ['primary-eu', 'primary'],
    ['master', 'primary'],
    ['master-a', 'primary'],
    ['replica-1', 'replica'],
    ['slave', 'replica'],
    ['default-2', 'replica'],
    ['the-primary', 'replica'],
    ['Default', 'replica'],
  ])('follows from its name by convention: %s is a %s', (name, role) => {
    expect(roleByName(name)).toBe(role);
  });

  it('is what its options say, whatever its name', () => {
    expect(databases({ 'primary-old': { role: 'replica' }, writer: { role: 'primary' } })).toEqual([
      'primary-old replica 1',
      'writer primary 1',
    ]);
  });

  it.each([
    ['slave', '"slave"'],
    ['', '""'],
    [1, '1'],
    [null, 'null'],
  ])('is refused as %p', async (role, shown) => {
    expect(await message({ default: {}, eu: { role } })).toBe(
      `role of database eu is ${shown}; allowed are "primary", "replica"`,
    );
  });
});

describe('the weight of a database', () => {
  it.each([0, 0.5, 1, 1_000])('may be %d', (weight) => {
    expect(databases({ default: { weight } })).toEqual([`default primary ${weight}`]);
  });

  it.each([
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['2', '"2"'],
    [null, 'null'],
    [{}, 'an object of class Object'],
  ])('is refused as %p', async (weight, shown) => {
    expect(await message({ default: { weight } })).toBe(
      `weight of database default is ${shown}; give a number of at least 0 (default: 1)`,
    );
  });
});

describe('a zone', () => {
  it.each([
    ['', '""'],
    [1, '1'],
    [null, 'null'],
    [['a'], 'an array'],
  ])('is refused as %p', async (zone, shown) => {
    const rest = `is ${shown}; give a text that is not empty, such as "eu-west-1a", or leave it out`;
    expect(await message({ default: { zone } })).toBe(`zone of database default ${rest}`);
    expect(await refusal('SLUICE_CONFIG', () => configOf({ default: {} }, { zone } as RoutingOptions))).toBe(
      `zone ${rest}`,
    );
  });

  it('may be undefined, as a variable of the environment is that is not set', () => {
    expect(configOf({ default: { zone: undefined } }, { zone: undefined }).databases.default.near).toBe(false);
  });
});

describe('the databases of a cluster', () => {
  it('hold at least one', async () => {
    expect(await message({})).toBe('databases is empty; give at least one primary, such as { default: { host } }');
  });

  it('hold at least one primary', async () => {
    expect(await message({ 'replica-1': {}, slave: {} })).toBe(
      'none of the databases replica-1, slave is a primary; name one of them "default", or give it role: "primary"',
    );
    expect(await message({ default: { role: 'replica' } })).toContain('is a primary');
  });

  it.each([
    ['Replica', 'replica'],
    ['replica ', 'replica'],
    ['REPLICA', 'Replica'],
  ])('have names of their own, not such as %p beside %p', async (name, twin) => {
    expect(await message({ default: {}, [twin]: {}, [name]: {} })).toBe(
      `the name ${JSON.stringify(name)} in databases is there twice, as ${JSON.stringify(twin)} too; give each database a name of its own`,
    );
  });

  it.each(['', ' '])('have names, not %p', async (name) => {
    expect(await message({ default: {}, [name]: {} })).toBe(
      `the name ${JSON.stringify(name)} in databases is empty; give each database a name of its own`,
    );
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['default', '"default"'],
    [[], 'an array'],
    [7, '7'],
  ])('are an object by name, not %p', async (given, shown) => {
    expect(await message(given)).toBe(
      `databases is ${shown}; give an object of databases by name, such as { default: { host } }`,
    );
  });

  it.each([
    ['db-2', '"db-2"'],
    [null, 'null'],
    [3306, '3306'],
    [[], 'an array'],
  ])('are each an object of options, not %p', async (given, shown) => {
    expect(await message({ default: {}, 'replica-1': given })).toBe(
      `database replica-1 is ${shown}; give an object of options, which may be empty`,
    );
  });
});
