import type { Database, Databases } from '../databases.js';
import type { RouteRequest } from '../router.js';
import { random } from '../selection/random.js';
import { choose } from '../selection/select.js';
import type { RouterOptions } from './selecting-router.js';
import { SelectingRouter } from './selecting-router.js';

/** RestAuth's `MasterSlave`: reads from any readable database, the primary included; writes to `default`. */
export class PrimaryReplicaRouter extends SelectingRouter {
  /** `select` defaults to `random()`. */
  constructor(options: RouterOptions = {}) {
    super(options, random);
  }

  override dbForRead(_request: RouteRequest, databases: Databases): Database | undefined {
    return choose(this.select, databases.readable);
  }

  override dbForWrite(_request: RouteRequest, databases: Databases): Database {
    return databases.default;
  }
}
