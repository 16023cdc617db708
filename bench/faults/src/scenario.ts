import type { PlaceRouting } from './place.js';
import type { Effort } from './effort.js';
import type { Stage, StageOptions } from './stage.js';
import type { Target } from './targets.js';

/** Ends a fault; resolves when what was broken has caught up. */
export type Heal = () => Promise<void>;

/** One fault, and what is expected of a router meanwhile. */
export interface Scenario {
  readonly title: string;
  readonly stage?: Partial<StageOptions>;
  /** What Sluice is told; the title says so. */
  readonly routing?: PlaceRouting;
  /** Where it differs from what was asked for. */
  readonly effort?: Partial<Pick<Effort, 'readsPerSecond' | 'writesPerSecond' | 'lastsMs' | 'afterMs'>>;
  /** How the servers are before the load begins. */
  readonly before?: (stage: Stage) => Promise<void>;
  /** The databases that the fault is about. */
  readonly broken: readonly string[];
  /** Happens to the servers while the load goes on; resolves when it has happened, with what ends it. */
  readonly fault: (stage: Stage) => Promise<Heal>;
  /** Whether it happens once more at the end, and the contender is closed while it lasts. */
  readonly closesBroken: boolean;
  /** Beside those that hold for all. */
  readonly targets: readonly Target[];
}
