import type { Frame, Held, Intent, Model, StatementInfo } from '@sluice/core';
import { bound, currentFrame } from '@sluice/core';
import type { BuilderInternals, MetaInternals } from './internals.js';

/** What a query builder, or a call of the driver, says of its statements. */
export interface Origin {
  /** The entity that the call is about. */
  readonly meta?: MetaInternals | undefined;
  /** The builder of the statements; set when it is there. */
  builder?: BuilderInternals;
  /** Where the builder was made. */
  readonly frame?: Frame | undefined;
  /** Which kind of connection the call's own statements ask for. */
  readonly kind?: 'read' | 'write' | undefined;
}

/** What one flush will write. */
export interface Writes {
  readonly models: readonly Model[];
  readonly entities: readonly object[];
}

interface Said {
  readonly intent: Intent;
  readonly home?: StatementInfo['home'];
  readonly sql?: string | undefined;
  readonly origin?: Origin | undefined;
  readonly held?: Held | undefined;
  readonly flush?: Writes | undefined;
}

/** A statement as its facade knows it; entities are looked up only if a router asks. */
export class Statement implements StatementInfo {
  readonly intent: Intent;
  readonly home: StatementInfo['home'];
  readonly sql: string | undefined;
  readonly held: Held | undefined;
  readonly frame: Frame;
  readonly #origin: Origin | undefined;
  readonly #flush: Writes | undefined;

  constructor({ intent, home, sql, origin, held, flush }: Said) {
    this.intent = intent;
    this.home = home;
    this.sql = sql;
    this.held = held;
    this.#origin = origin;
    this.#flush = flush;
    const frame = currentFrame();
    this.frame = origin?.frame === undefined ? frame : bound(origin.frame, frame);
  }

  get model(): Model | undefined {
    const meta = this.#origin?.meta;
    return meta === undefined ? this.#flush?.models[0] : modelOf(meta);
  }

  get models(): readonly Model[] {
    const { builder, meta } = this.#origin ?? {};
    const found = new Set<Model>();
    if (meta !== undefined) found.add(modelOf(meta));
    for (const join of Object.values(builder?.state?.joins ?? builder?._joins ?? {})) {
      if (join.prop?.targetMeta !== undefined) found.add(modelOf(join.prop.targetMeta));
    }
    for (const model of this.#flush?.models ?? []) found.add(model);
    return [...found];
  }

  get writes(): readonly Model[] | undefined {
    if (this.intent === 'read') return undefined;
    if (this.#flush !== undefined && this.#flush.models.length > 0) return this.#flush.models;
    const { model } = this;
    return model === undefined ? undefined : [model];
  }

  get instance(): object | undefined {
    return this.#flush?.entities[0];
  }
}

/** How routers know an entity: by its class, or by the name of a schema that has none. */
export function modelOf(meta: MetaInternals): Model {
  return meta.class ?? meta.className;
}
