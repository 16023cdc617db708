// Closes the log with one plain line ("12 passed, 0 failed"), and fails a run that did not run everything: one in which
// no test ran, and in CI one that skipped a test or left it for later.
export default class SummaryReporter {
  #problem;

  onRunComplete(_contexts, results) {
    // a suite that cannot be loaded has no tests to count
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const strict = Boolean(process.env.CI || process.env.SLUICE_REQUIRE_ENGINES);
    if (results.numPassedTests + failed === 0) this.#problem = 'no test ran';
    else if (strict && skipped > 0) this.#problem = `${skipped} skipped or to do, and in CI every test runs`;
    process.stdout.write(
      `\n${this.#problem ? `${this.#problem}\n` : ''}${results.numPassedTests} passed, ${failed} failed\n`,
    );
  }

  /** Jest fails the run with it. */
  getLastError() {
    return this.#problem && new Error(this.#problem);
  }
}
