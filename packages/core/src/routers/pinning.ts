import type { Database, Databases } from '../databases.js';
import { SluiceError } from '../errors.js';
import { numberOption, refuseUnknown, show } from '../options.js';
import type { MigrateRequest, ObjectRef, RouteRequest } from '../router.js';
import { Router } from '../router.js';
import type { Select } from '../selection/select.js';
import { ReplicaRouter } from './replica.js';
import type { RouterOptions } from './selecting-router.js';

export interface PinningOptions {
  /**
   * Seconds for which a committed write keeps the reads of its session on the primary; longer than your
   * replication lag. 0: only while the write is under way. Default: 15.
   */
  readonly pinSeconds?: number;
}

const PIN_SECONDS = 15;

/** Any router, with pinning: a write keeps the reads of its session on the primary for a while. */
export class PinningRouter extends Router {
  override readonly pinSeconds: number;
  override readonly staysOnPrimary: boolean;
  readonly #inner: Router;

  constructor(inner: Router, options: PinningOptions = {}) {
    super();
    if (typeof inner !== 'object' || inner === null) {
      throw new SluiceError(
        'SLUICE_CONFIG',
        `PinningRouter got ${show(inner)}; give the router to pin, such as new ReplicaRouter()`,
      );
    }
    refuseUnknown('PinningRouter', options, ['pinSeconds']);
    this.#inner = inner;
    this.staysOnPrimary = inner.staysOnPrimary ?? false;
    if (inner.select !== undefined) this.select = inner.select;
    this.pinSeconds = numberOption('pinSeconds', options.pinSeconds, { min: 0, fallback: PIN_SECONDS });
  }

  override adopt(select: Select): void {
    this.#inner.adopt?.(select);
    if (this.#inner.select !== undefined) this.select = this.#inner.select;
  }

  override dbForRead(request: RouteRequest, databases: Databases): Database | string | undefined {
    return this.#inner.dbForRead?.(request, databases);
  }

  override dbForWrite(request: RouteRequest, databases: Databases): Database | string | undefined {
    return this.#inner.dbForWrite?.(request, databases);
  }

  override allowRelation(a: ObjectRef, b: ObjectRef, databases: Databases): boolean | undefined {
    return this.#inner.allowRelation?.(a, b, databases);
  }

  override asksRelations(): boolean {
    if (this.allowRelation !== PinningRouter.prototype.allowRelation) return true;
    return this.#inner.asksRelations?.() ?? this.#inner.allowRelation !== undefined;
  }

  override allowMigrate(database: Database, request: MigrateRequest): boolean | undefined {
    return this.#inner.allowMigrate?.(database, request);
  }
}

/** django-multidb-router's `PinningReplicaRouter`: as `ReplicaRouter`; the primary while the session is pinned. */
export class PinningReplicaRouter extends PinningRouter {
  /** `select` defaults to `roundRobin()`. */
  constructor({ select, ...options }: RouterOptions & PinningOptions = {}) {
    super(new ReplicaRouter(select === undefined ? {} : { select }), options);
  }
}
