import type { SluiceErrorCode } from '../../src/errors.js';
import { isSluiceError } from '../../src/errors.js';

/** What `work` throws or rejects with; a test that expects an error fails if there is none. */
export async function thrownBy(work: () => unknown): Promise<Error & { readonly code?: unknown }> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new TypeError(`not an Error was thrown: ${String(error)}`, { cause: error });
  }
  throw new TypeError('nothing was thrown');
}

/** The message of the `SluiceError` of this code that `work` throws or rejects with. */
export async function refusal(code: SluiceErrorCode, work: () => unknown): Promise<string> {
  const error = await thrownBy(work);
  if (isSluiceError(error, code)) return error.message;
  throw error;
}
