import type { Logger } from 'typeorm';

/** A logger that keeps what TypeORM tells it, call by call. */
export class Recorder implements Logger {
  readonly queries: string[] = [];
  readonly parameters: (readonly unknown[])[] = [];
  readonly failed: string[] = [];
  readonly slow: string[] = [];
  readonly schema: string[] = [];
  readonly migrations: string[] = [];
  readonly said: string[] = [];

  logQuery(query: string, parameters?: readonly unknown[]): void {
    this.queries.push(query);
    this.parameters.push(parameters ?? []);
  }

  logQueryError(_error: string | Error, query: string): void {
    this.failed.push(query);
  }

  logQuerySlow(_ms: number, query: string): void {
    this.slow.push(query);
  }

  logSchemaBuild(message: string): void {
    this.schema.push(message);
  }

  logMigration(message: string): void {
    this.migrations.push(message);
  }

  log(level: string, message: unknown): void {
    this.said.push(`${level}: ${String(message)}`);
  }

  /** Forgets what it has kept. */
  clear(): void {
    for (const kept of [
      this.queries,
      this.parameters,
      this.failed,
      this.slow,
      this.schema,
      this.migrations,
      this.said,
    ]) {
      kept.length = 0;
    }
  }
}
