import type { Frame, Hints } from './context.js';
import { hintsFor } from './context.js';
import type { Held } from './lease.js';
import type { Intent, Model, RouteRequest } from './router.js';
import type { SessionView } from './session.js';

/** What an adapter says of a statement; only `intent` is a must. */
export interface StatementInfo {
  readonly intent: Intent;
  /**
   * Where a read belongs that is no plain one. `primary`: on a primary, unless a scope says otherwise (raw SQL on a
   * connection made for writes). `raw`: the same, unless raw reads are routed. `anywhere`: on any database that
   * answers, the default primary first (what an ORM asks to get to know its server).
   */
  readonly home?: 'primary' | 'raw' | 'anywhere' | undefined;
  readonly model?: Model | undefined;
  readonly models?: readonly Model[] | undefined;
  readonly sql?: string | undefined;
  readonly instance?: object | undefined;
  readonly inTransaction?: boolean | undefined;
  /** The entities one flush will write; all must go to one primary. */
  readonly writes?: readonly Model[] | undefined;
  /** The objects of `writes`, in its order, if they are known. Default: `instance` is the object of the first one. */
  readonly instances?: readonly (object | undefined)[] | undefined;
  /** The database that the same ORM call was given before; kept while that is right. */
  readonly held?: Held | undefined;
  /** What the code around the statement said, if not what surrounds the call now. */
  readonly frame?: Frame | undefined;
}

/** A statement of a transaction. Delegates, as an adapter may answer lazily what it is asked for. */
export class InTransaction implements StatementInfo {
  readonly inTransaction = true;
  readonly #info: StatementInfo;

  constructor(info: StatementInfo) {
    this.#info = info;
  }

  get intent(): Intent {
    return this.#info.intent;
  }

  get home(): StatementInfo['home'] {
    return this.#info.home;
  }

  get model(): Model | undefined {
    return this.#info.model;
  }

  get models(): readonly Model[] | undefined {
    return this.#info.models;
  }

  get sql(): string | undefined {
    return this.#info.sql;
  }

  get instance(): object | undefined {
    return this.#info.instance;
  }

  get writes(): readonly Model[] | undefined {
    return this.#info.writes;
  }

  get instances(): StatementInfo['instances'] {
    return this.#info.instances;
  }

  get held(): Held | undefined {
    return this.#info.held;
  }

  get frame(): Frame | undefined {
    return this.#info.frame;
  }
}

const NO_MODELS: readonly Model[] = Object.freeze([]);

/** What a router sees of a statement; read lazily, as most routers look at little. */
export class Request implements RouteRequest {
  readonly #info: StatementInfo;
  readonly #frame: Frame;
  readonly #cluster: string;
  readonly #write: number | undefined;

  /** `write`: which one of the statement's `writes` it is about. */
  constructor(info: StatementInfo, frame: Frame, cluster: string, write?: number) {
    this.#info = info;
    this.#frame = frame;
    this.#cluster = cluster;
    this.#write = write;
  }

  get intent(): Intent {
    return this.#info.intent;
  }

  get model(): Model | undefined {
    const { writes, model } = this.#info;
    return this.#write === undefined ? model : (writes?.[this.#write] ?? model);
  }

  get models(): readonly Model[] {
    if (this.#info.models !== undefined) return this.#info.models;
    return this.model === undefined ? NO_MODELS : [this.model];
  }

  get sql(): string | undefined {
    return this.#info.sql;
  }

  get inTransaction(): boolean {
    return this.#info.inTransaction ?? false;
  }

  get instance(): object | undefined {
    const { instances, instance } = this.#info;
    if (this.#write === undefined) return instance;
    return instances === undefined && this.#write === 0 ? instance : instances?.[this.#write];
  }

  get hints(): Hints {
    return hintsFor(this.#frame, this.#cluster);
  }

  get session(): SessionView | undefined {
    return this.#frame.session;
  }
}
