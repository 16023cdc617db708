import { setTimeout as sleep } from 'node:timers/promises';

import { TestbedError } from './errors.js';

export interface UntilOptions {
  /** What is awaited, for the message: `the server answers`. */
  readonly what: string;
  /** Default: 30 000 ms. */
  readonly timeoutMs?: number;
  /** Pause between two tries. Default: 10 ms. */
  readonly everyMs?: number;
}

/**
 * Resolves with the first truthy answer of `condition`. A throw counts as "not yet", except a `TestbedError` with the
 * code `TESTBED_START`, `TESTBED_ROLE` or `TESTBED_STOPPED`: these do not heal by waiting.
 */
export async function until<T>(condition: () => Promise<T> | T, options: UntilOptions): Promise<NonNullable<T>> {
  const { what, timeoutMs = 30_000, everyMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer;
      cause = undefined;
    } catch (error) {
      if (isFinal(error)) throw error;
      cause = error;
    }
    if (performance.now() >= deadline) {
      const last = cause instanceof Error ? `; last error: ${cause.message}` : '';
      throw new TestbedError('TESTBED_TIMEOUT', `${what}: not within ${timeoutMs} ms${last}`, { cause });
    }
    await sleep(everyMs);
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof TestbedError && error.code !== 'TESTBED_TIMEOUT';
}
