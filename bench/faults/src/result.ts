import type { ContenderName } from './contenders.js';
import { CONTENDERS } from './contenders.js';
import type { Figures } from './figures.js';
import type { EngineName } from './place.js';
import type { Scenario } from './scenario.js';
import type { ScenarioName } from './scenarios.js';
import { SCENARIOS } from './scenarios.js';
import type { Target } from './targets.js';
import { ALWAYS, isMet } from './targets.js';

/** What one contender came to under one fault on one engine. */
export interface Result {
  readonly scenario: ScenarioName;
  readonly engine: EngineName;
  readonly contender: ContenderName;
  readonly figures: Figures;
}

/** The targets of its fault that it missed. What only Sluice tells is asked of Sluice only. */
export function missed({ scenario, contender, figures }: Result): readonly Target[] {
  const { targets }: Scenario = SCENARIOS[scenario];
  return [...ALWAYS, ...targets].filter(
    (target) => !isMet(figures, target) && (CONTENDERS[contender].isSluice || !TOLD.has(target.figure)),
  );
}

/** Stock ORMs have no events. */
const TOLD: ReadonlySet<Target['figure']> = new Set(['noticedMs', 'attemptsPerCall']);
