/** Where the contenders find their server. */
export interface Place {
  readonly type: 'mariadb' | 'postgres';
  /** Undefined: there is none, a driver that answers at once takes its place. */
  readonly server: ServerAddress | undefined;
}

interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}
