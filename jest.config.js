// @ts-check
/** One SWC set-up per kind of decorator: TypeORM and NestJS read `design:type`, standard decorators have none. */
const swc = (jsc) => ({
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2023',
        keepClassNames: true,
        parser: { syntax: 'typescript', decorators: true },
        transform: { useDefineForClassFields: true, ...jsc },
      },
      sourceMaps: 'inline',
    },
  ],
});
const legacy = swc({ legacyDecorator: true, decoratorMetadata: true });
const standard = swc({ decoratorVersion: '2023-11' });

const common = {
  rootDir: import.meta.dirname,
  globalSetup: '<rootDir>/scripts/jest-global-setup.mjs',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: [
    '<rootDir>/packages/[^/]+/dist',
    '<rootDir>/examples/[^/]+/dist',
    '<rootDir>/bench/[^/]+/dist',
  ],
};
/** The packages are tested from their sources; `typeorm` is the version a project names. */
const names = (typeorm = 'typeorm') => ({
  '^@sluice/core/testing$': '<rootDir>/packages/core/src/testing/index.ts',
  '^@sluice/http/(express|fastify|koa|hono)$': '<rootDir>/packages/http/src/$1.ts',
  '^@sluice/http/node$': '<rootDir>/packages/http/src/node-response.ts',
  '^@sluice/(core|typeorm|mikro-orm|http|nestjs|redis|testbed)$': '<rootDir>/packages/$1/src/index.ts',
  '^typeorm$': typeorm,
  '^(\\.{1,2}/.*)\\.js$': '$1',
});
const unit = (displayName, transform, testMatch) => ({
  ...common,
  displayName,
  transform,
  testMatch,
  moduleNameMapper: names(),
});
const mikroOrmTests = ['<rootDir>/test/mikro-orm/**/*.test.ts'];
const typeormTests = ['<rootDir>/test/typeorm/**/*.test.ts'];
const nestTests = ['<rootDir>/test/nestjs/**/*.test.ts'];

/** @type {import('jest').Config} */
export default {
  reporters: ['default', '<rootDir>/scripts/jest-summary-reporter.mjs'],
  testTimeout: 60_000,
  projects: [
    unit('unit', legacy, ['<rootDir>/packages/{core,typeorm,mikro-orm,http,nestjs,redis}/test/**/*.test.ts']),
    unit('standard-decorators', standard, ['<rootDir>/test/standard-decorators/**/*.test.ts']),
    unit('repository', legacy, ['<rootDir>/test/{architecture,packaging,types}/**/*.test.ts']),
    unit('testbed', legacy, ['<rootDir>/packages/testbed/test/**/*.test.ts']),
    unit('examples', legacy, ['<rootDir>/{examples,bench}/*/test/**/*.test.ts']),
    {
      ...common,
      displayName: 'typeorm-1',
      globals: { jestProject: 'typeorm-1' },
      transform: legacy,
      testMatch: typeormTests,
      moduleNameMapper: names(),
    },
    {
      ...common,
      displayName: 'typeorm-0.3',
      globals: { jestProject: 'typeorm-0.3' },
      transform: legacy,
      testMatch: typeormTests,
      moduleNameMapper: names('typeorm-0.3'),
    },
    {
      ...common,
      displayName: 'mikro-orm-7',
      transform: legacy,
      testMatch: mikroOrmTests,
      moduleNameMapper: names(),
    },
    {
      ...common,
      displayName: 'mikro-orm-6',
      transform: legacy,
      testMatch: mikroOrmTests,
      // what there is for MikroORM 7 only: its NestJS module and its command line
      testPathIgnorePatterns: ['/node_modules/', '/test/mikro-orm/seven/'],
      moduleNameMapper: {
        ...names(),
        '^@mikro-orm/(.*)$': '<rootDir>/test/mikro-orm-6/node_modules/@mikro-orm/$1',
      },
    },
    {
      ...common,
      displayName: 'faults',
      transform: legacy,
      testMatch: ['<rootDir>/test/faults/**/*.test.ts'],
      moduleNameMapper: names(),
    },
    {
      ...common,
      displayName: 'nest-12',
      transform: legacy,
      testMatch: nestTests,
      moduleNameMapper: names(),
    },
    {
      ...common,
      displayName: 'nest-11',
      transform: legacy,
      testMatch: nestTests,
      moduleNameMapper: {
        ...names(),
        '^@nestjs/(.*)$': '<rootDir>/test/nest-11/node_modules/@nestjs/$1',
      },
    },
  ],
};
