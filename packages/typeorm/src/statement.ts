import type { Frame, Held, Intent, Model, StatementInfo, StatementKind } from '@sluice/core';
import { bound, currentFrame } from '@sluice/core';
import type { Origin } from './origin.js';
import { modelOf } from './models.js';

/** One SQL statement on its way through a query runner. */
export interface Sending {
  readonly sql: string;
  readonly parameters: unknown;
  readonly kind: StatementKind;
}

interface Said {
  readonly intent: Intent;
  readonly home: StatementInfo['home'];
  readonly sql: string | undefined;
  readonly origin: Origin | undefined;
  /** Asked for each attempt: a statement beside this one may have moved their runner on meanwhile. */
  readonly holder?: { readonly held: Held | undefined };
}

/** A statement as its runner and builder know it; entities are looked up only if a router asks. */
export class Statement implements StatementInfo {
  readonly intent: Intent;
  readonly home: StatementInfo['home'];
  readonly sql: string | undefined;
  readonly frame: Frame;
  readonly #origin: Origin | undefined;
  readonly #holder: Said['holder'];

  constructor({ intent, home, sql, origin, holder }: Said) {
    this.intent = intent;
    this.home = home;
    this.sql = sql;
    this.#holder = holder;
    this.#origin = origin;
    const frame = currentFrame();
    this.frame = origin?.frame === undefined ? frame : bound(origin.frame, frame);
  }

  get held(): Held | undefined {
    return this.#holder?.held;
  }

  get model(): Model | undefined {
    const alias = this.#origin?.builder?.expressionMap.mainAlias;
    return alias?.hasMetadata === true ? modelOf(alias.metadata) : this.#origin?.writes?.[0];
  }

  get models(): readonly Model[] {
    const aliases = this.#origin?.builder?.expressionMap.aliases;
    if (aliases === undefined) return [...new Set(this.#origin?.writes)];
    const found = new Set<Model>();
    for (const alias of aliases) if (alias.hasMetadata) found.add(modelOf(alias.metadata));
    return [...found];
  }

  get writes(): readonly Model[] | undefined {
    if (this.intent === 'read') return undefined;
    if (this.#origin?.writes !== undefined) return this.#origin.writes;
    const { model } = this;
    return model === undefined ? undefined : [model];
  }

  get instance(): object | undefined {
    return this.instances?.[0];
  }

  get instances(): readonly object[] | undefined {
    return this.#origin?.instances;
  }
}
