import type { Config } from './config.js';
import type { Databases } from './databases.js';
import { SluiceError } from './errors.js';
import type { StatementInfo } from './request.js';
import type { Route } from './route.js';

/** Guards the primary against the reads of replicas that can serve none. */
export class FallbackGuard {
  readonly #whenNoReplica: Config['whenNoReplica'];
  readonly #most: number;
  #reads = 0;

  constructor({ whenNoReplica, maxFallbackReads }: Config) {
    this.#whenNoReplica = whenNoReplica;
    this.#most = maxFallbackReads;
  }

  /**
   * Whether a primary serves this read only because no replica of the picture can.
   * @throws SluiceError `SLUICE_NO_DATABASE`, `SLUICE_OVERLOADED` if it is one that may not
   */
  check(info: StatementInfo, route: Route, databases: Databases): boolean {
    if (!this.#isFallback(info, route, databases)) return false;
    if (this.#whenNoReplica === 'throw') {
      throw new SluiceError(
        'SLUICE_NO_DATABASE',
        `no replica can serve this read, and whenNoReplica is "throw"; set it to "primary" to read from ${route.database.name}`,
      );
    }
    if (this.#reads < this.#most) return true;
    throw new SluiceError(
      'SLUICE_OVERLOADED',
      `no replica can serve this read, and ${route.database.name} serves ${this.#reads} such reads already; try again later, or raise maxFallbackReads`,
    );
  }

  started(): void {
    this.#reads += 1;
  }

  ended(): void {
    this.#reads -= 1;
  }

  #isFallback({ intent }: StatementInfo, { database, reason }: Route, databases: Databases): boolean {
    if (intent !== 'read' || database.role !== 'primary') return false;
    if (reason !== 'router' && reason !== 'default') return false;
    return databases.readableReplicas.length === 0 && databases.replicas.length > 0;
  }
}
