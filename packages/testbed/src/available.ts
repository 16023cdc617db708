import type { ClusterOptions } from './cluster-options.js';
import { createEngine } from './create-engine.js';
import type { EngineName } from './engine.js';
import { TestbedError } from './errors.js';

/** Can `startCluster` start this engine here? If not, it throws an error that says how to get it. */
export function available(engine: EngineName, options: Pick<ClusterOptions, 'binaries'> = {}): boolean {
  try {
    createEngine({ engine, ...options });
    return true;
  } catch (error) {
    if (error instanceof TestbedError && error.code === 'TESTBED_MISSING_ENGINE') return false;
    throw error;
  }
}
