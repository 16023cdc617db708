import type { PinStore } from '@sluice/core';
import { arePins, numberOption, refuseUnknown, show, SluiceError } from '@sluice/core';
import { MERGE } from './merge-script.js';
import type { RedisClient } from './redis-client.js';
import { evaluate } from './redis-client.js';

export interface RedisPinOptions {
  /** What keys begin with. Default: `sluice:pin:`. */
  readonly prefix?: string;
  /** Milliseconds after which Redis is given up on, and the request keeps to the primary. Default: 50. */
  readonly timeoutMs?: number;
}

/**
 * Keeps pins in Redis, over an ioredis or node-redis client that the application owns. One round trip for a look-up,
 * one for a save. Both reject with `SLUICE_TIMEOUT` when Redis is too slow, and a look-up with `SLUICE_CONFIG` when it
 * finds what are no pins.
 * @throws SluiceError `SLUICE_CONFIG`
 */
export function redisPins(client: RedisClient, options: RedisPinOptions = {}): PinStore {
  refuseUnknown('redisPins', options, ['prefix', 'timeoutMs']);
  const { prefix = 'sluice:pin:' } = options;
  const timeoutMs = numberOption('timeoutMs', options.timeoutMs, { min: 1, fallback: 50 });
  if (typeof client?.get !== 'function' || typeof client.eval !== 'function') {
    throw new SluiceError('SLUICE_CONFIG', `redisPins got ${show(client)}; give a client of ioredis or node-redis`);
  }
  return {
    async load(id) {
      const found: unknown = await within(timeoutMs, client.get(prefix + id));
      if (found === null || found === undefined) return undefined;
      if (arePins(found)) return found;
      throw new SluiceError(
        'SLUICE_CONFIG',
        // without the id, which may be a secret
        `Redis holds ${show(found)} under a key that begins with ${prefix}, which are no pins; give redisPins a prefix of its own`,
      );
    },
    async save(id, pins) {
      if (pins !== '') await within(timeoutMs, evaluate(client, MERGE, prefix + id, [pins, String(Date.now())]));
    },
  };
}

/** A late answer is dropped, whatever it is; time in which this process was too busy to send or to listen is not counted. */
function within<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const giveUp = (): void => {
      reject(
        new SluiceError(
          'SLUICE_TIMEOUT',
          `Redis did not answer within ${timeoutMs} ms; look after it, or give redisPins more timeoutMs`,
        ),
      );
    };
    let timer = setTimeout(() => {
      const busyMs = performance.now() - began - timeoutMs;
      // a timer may be early by a part of a millisecond
      timer = setTimeout(giveUp, Math.max(busyMs, 0));
    }, timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
