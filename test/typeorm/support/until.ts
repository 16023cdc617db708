import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first truthy answer of `condition`; a throw counts as "not yet". Fails the test after 15 s. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  let last: unknown;
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; await sleep(5)) {
    try {
      const answer = await condition();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: not within 15 s`, { cause: last });
}
