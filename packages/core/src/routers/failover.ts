import type { Database, Databases } from '../databases.js';
import { SluiceError } from '../errors.js';
import { refuseUnknown, show } from '../options.js';
import type { RouteRequest } from '../router.js';
import { Router } from '../router.js';

export interface FailoverOptions {
  /** Names in the order of preference. Default: the replicas in the order of the configuration. */
  readonly prefer?: readonly string[];
}

/** Reads from the first preferred database that can be reached, else from `default`; writes to `default`. */
export class FailoverRouter extends Router {
  readonly #prefer: readonly string[] | undefined;

  constructor(options: FailoverOptions = {}) {
    super();
    refuseUnknown('FailoverRouter', options, ['prefer']);
    const { prefer } = options;
    if (prefer !== undefined && !(Array.isArray(prefer) && prefer.every((name) => typeof name === 'string'))) {
      throw new SluiceError(
        'SLUICE_CONFIG',
        `prefer of FailoverRouter is ${show(prefer)}; give an array of names of databases`,
      );
    }
    this.#prefer = prefer;
  }

  override dbForRead(_request: RouteRequest, databases: Databases): Database | undefined {
    const preferred = this.#prefer?.map((name) => databases.named(name)) ?? databases.replicas;
    return preferred.find((database) => databases.readable.includes(database)) ?? databases.default;
  }

  override dbForWrite(_request: RouteRequest, databases: Databases): Database {
    return databases.default;
  }
}
