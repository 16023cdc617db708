import assert from 'node:assert/strict';
import type { Capability, Orm, Rig } from './rig.js';
import { failures } from './failures.js';
import { scopes } from './scopes.js';
import { sessions } from './sessions.js';
import type { Bench, Spec } from './spec.js';
import { statements } from './statements.js';

/** Every spec, in the order in which they are registered. */
export const SPECS: readonly Spec[] = [...statements, ...scopes, ...sessions, ...failures];

export interface ConformanceOptions {
  /** The test runner's `it` or `test`. */
  readonly it: (name: string, body: () => Promise<void>) => void;
  /** The ORM under test; asked for once each spec begins. */
  readonly rig: () => Rig;
  /** What the ORM cannot do; then the opposite is tested: that it refuses. Default: nothing. */
  readonly lacks?: readonly Capability[];
}

/** Registers one test for each spec. What the design says of statements, scopes, sessions and failures is in them. */
export function conformance({ it, rig, lacks = [] }: ConformanceOptions): void {
  for (const spec of SPECS) {
    const lacking = spec.needs !== undefined && lacks.includes(spec.needs);
    it(lacking ? `refuses, as it cannot: ${spec.name}` : spec.name, () => runSpec(spec, rig(), { lacking }));
  }
}

/** Runs one spec, and closes what it opened. */
export async function runSpec(
  spec: Spec,
  rig: Rig,
  { lacking = false }: { readonly lacking?: boolean } = {},
): Promise<void> {
  const opened: Orm[] = [];
  const bench: Bench = {
    servers: rig.servers,
    async open(options = {}) {
      const orm = await rig.open(options);
      opened.push(orm);
      return orm;
    },
  };
  try {
    if (lacking) await assert.rejects(spec.run(bench), `${spec.needs} is declared as lacking, and works`);
    else await spec.run(bench);
  } finally {
    await Promise.all(opened.map((orm) => orm.close()));
  }
}
