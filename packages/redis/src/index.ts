export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-client.js';
export type { RedisPinOptions } from './redis-pins.js';
export { redisPins } from './redis-pins.js';
