/** One row of a result, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** An administrator's connection to one server. It dies with the server and never crashes the process. */
export interface Session {
  /** Several statements may be given, separated by semicolons: the rows of the last one are answered. */
  query(sql: string): Promise<readonly Row[]>;
  /** Closes at once, also when the server is frozen. */
  close(): void;
}

export interface SessionOptions {
  /** How long a connection attempt, and each query, may take. Default: 10 000 ms. */
  readonly timeoutMs?: number;
}
