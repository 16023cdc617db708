/** The subset of an ioredis client that is used. */
export interface IoRedisClient {
  get(key: string): Promise<string | null>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The subset of a node-redis client that is used. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  get(key: string): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export type RedisClient = IoRedisClient | NodeRedisClient;

/** Runs a script with one key, on either client. */
export function evaluate(client: RedisClient, script: string, key: string, args: string[]): Promise<unknown> {
  if ('isOpen' in client) return client.eval(script, { keys: [key], arguments: args });
  return client.eval(script, 1, key, ...args);
}
