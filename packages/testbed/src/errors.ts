export type TestbedErrorCode =
  /** An option of `startCluster` or `faultProxy` is wrong. */
  | 'TESTBED_OPTION'
  /** The database server is not installed; the message says how to get it. */
  | 'TESTBED_MISSING_ENGINE'
  /** A server did not come up; the message ends with the last lines of its log. */
  | 'TESTBED_START'
  /** The cluster has no server of that name or number. */
  | 'TESTBED_UNKNOWN_SERVER'
  /** This server's role, or its engine, cannot do that. */
  | 'TESTBED_ROLE'
  /** A condition did not come true in time. */
  | 'TESTBED_TIMEOUT'
  /** The server, or the whole cluster, is not running. */
  | 'TESTBED_STOPPED';

/** Every error the testbed itself throws; errors of a database reach the caller as its driver threw them. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';

  constructor(
    readonly code: TestbedErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
