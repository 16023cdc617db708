import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds; fails the test after 10 s. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await condition()); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${condition.toString()}`);
  }
}
