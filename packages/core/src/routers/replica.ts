import type { Database, Databases } from '../databases.js';
import type { RouteRequest } from '../router.js';
import { roundRobin } from '../selection/round-robin.js';
import { choose } from '../selection/select.js';
import type { RouterOptions } from './selecting-router.js';
import { SelectingRouter } from './selecting-router.js';

/** django-multidb-router's `ReplicaRouter`: reads from the replicas in turn, the primary if none is readable. */
export class ReplicaRouter extends SelectingRouter {
  /** `select` defaults to `roundRobin()`. */
  constructor(options: RouterOptions = {}) {
    super(options, roundRobin);
  }

  override dbForRead(_request: RouteRequest, databases: Databases): Database | undefined {
    return choose(this.select, databases.readableReplicas) ?? choose(this.select, databases.readable);
  }

  override dbForWrite(_request: RouteRequest, databases: Databases): Database {
    return databases.default;
  }
}
