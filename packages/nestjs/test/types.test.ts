import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../../..');
const TSC = join(REPOSITORY, 'node_modules/@typescript/native/bin/tsc');
const CONSUMER = `
import { type ExecutionContext, Module, UseInterceptors } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SessionInterceptor, SluiceHealthIndicator, SluiceModule } from '@sluice/nestjs';
import { type RoutedDataSource, routedOptions } from '@sluice/typeorm';

const messagePins = (context: ExecutionContext): string => context.switchToRpc().getData();

@UseInterceptors(SessionInterceptor)
export class Gateway {}

@Module({
  imports: [
    TerminusModule,
    SluiceModule.forRoot({ pinSeconds: 5, skip: ({ url }) => url === '/', messagePins }),
    SluiceModule.forRootAsync({ inject: ['a', 'b'], useFactory: async (a: string, b: number) => ({ secrets: [a], pinSeconds: b }) }),
    TypeOrmModule.forRootAsync(routedOptions({ type: 'postgres', autoLoadEntities: true }, { databases: { default: {} } })),
    // @ts-expect-error neither TypeORM nor @nestjs/typeorm has such an option
    TypeOrmModule.forRootAsync(routedOptions({ type: 'postgres', autoLoadEntity: true })),
    // @ts-expect-error there is no such option
    SluiceModule.forRoot({ pinSecond: 5 }),
  ],
})
export class App {
  constructor(health: HealthCheckService, sluice: SluiceHealthIndicator, { cluster }: RoutedDataSource) {
    void health.check([() => sluice.isHealthy('shop', cluster, { replicas: 1 })]);
  }
}
`;

/** What the compiler says of an application. */
function findings(paths: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nest-'));
  try {
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'application.ts'), CONSUMER);
    const compilerOptions = {
      composite: false,
      noEmit: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    const config = {
      extends: join(REPOSITORY, 'tsconfig.base.json'),
      compilerOptions: { ...compilerOptions, typeRoots: ['node_modules/@types'], preserveSymlinks: true, paths },
      files: ['application.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout } = spawnSync(process.execPath, [TSC, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the public types', () => {
  it.each([
    ['11', { '@nestjs/*': [join(REPOSITORY, 'test/nest-11/node_modules/@nestjs/*')] }],
    ['12', {}],
  ])('fit an application of Nest %s', (_version, paths) => {
    expect(findings(paths)).toBe('');
  });
});
