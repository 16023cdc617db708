import type { DataSourceOptions } from 'typeorm';
import type { RoutableOptions } from './internals.js';
import type { RoutedOptions } from './options.js';
import { RoutedDataSource } from './routed-data-source.js';

/** What `TypeOrmModule.forRoot` of @nestjs/typeorm takes beside TypeORM's own options. */
export interface NestOptions {
  readonly name?: string;
  readonly autoLoadEntities?: boolean;
  readonly retryAttempts?: number;
  readonly retryDelay?: number;
  readonly toRetry?: (error: unknown) => boolean;
  readonly verboseRetryLog?: boolean;
  readonly manualInitialization?: boolean;
}

/** The subset of what `TypeOrmModule.forRootAsync` takes. */
export interface NestAsyncOptions {
  readonly name?: string;
  readonly useFactory: () => RoutableOptions & NestOptions;
  readonly dataSourceFactory: (options?: DataSourceOptions) => Promise<RoutedDataSource>;
}

/**
 * For @nestjs/typeorm: instead of `TypeOrmModule.forRoot(options)`, which takes no data source of another class,
 * `TypeOrmModule.forRootAsync(routedOptions(options, { databases, router }))`.
 */
export function routedOptions(options: RoutableOptions & NestOptions, routing: RoutedOptions = {}): NestAsyncOptions {
  const { name } = options;
  return {
    ...(name !== undefined && { name }),
    useFactory: () => options,
    // made but not connected: the module does that, and tries again as it is told to
    dataSourceFactory: async (given) => new RoutedDataSource(given as RoutableOptions, routing),
  };
}
