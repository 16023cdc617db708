import { setTimeout as sleep } from 'node:timers/promises';

const WITHIN_MS = 10_000;

/** Waits for something that a server is to come to. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`a server did not come to what it should within ${WITHIN_MS} ms`);
    await sleep(5);
  }
}
