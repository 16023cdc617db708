import type { Database, Databases } from '../databases.js';
import type { RouteRequest } from '../router.js';
import { random } from '../selection/random.js';
import { choose } from '../selection/select.js';
import type { RouterOptions } from './selecting-router.js';
import { SelectingRouter } from './selecting-router.js';

/**
 * RestAuth's `MultipleMasterSlave`: reads from any readable database, primaries included; writes to any writable
 * primary. A transaction or flush has one primary, and a session that wrote stays on its primary.
 */
export class MultiPrimaryRouter extends SelectingRouter {
  override readonly staysOnPrimary = true;

  /** `select` defaults to `random()`. */
  constructor(options: RouterOptions = {}) {
    super(options, random);
  }

  override dbForRead(_request: RouteRequest, databases: Databases): Database | undefined {
    return choose(this.select, databases.readable);
  }

  override dbForWrite(_request: RouteRequest, databases: Databases): Database | undefined {
    return choose(this.select, databases.writable);
  }
}
