import { afterEach, beforeEach, jest } from '@jest/globals';

export interface Warning {
  readonly message: string;
  readonly code: string | undefined;
}

/** Collects process warnings during each test of the file; they are not printed. */
export function warnings(): Warning[] {
  const heard: Warning[] = [];
  beforeEach(() => {
    heard.length = 0;
    jest.spyOn(process, 'emitWarning').mockImplementation((message: unknown, options: unknown) => {
      const { code } = (options ?? {}) as { readonly code?: string };
      heard.push({ message: String(message), code });
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  return heard;
}
