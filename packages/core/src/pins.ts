import type { Chain } from './chain.js';
import { currentFrame, pinsWrites } from './context.js';
import type { Outcome } from './outcome.js';
import type { Affinity, ClusterIdentity } from './affinity.js';
import type { Session } from './session.js';

/** A session whose write may or may not have been applied is pinned, whatever the router. */
const UNKNOWN_PIN_MS = 15_000;

/** The session of a write that is under way, as it was when the write was sent. */
export interface Mark {
  readonly session: Session;
  readonly affinity: Affinity;
  /** Whether the write pins; else it only says which primary the session uses. */
  readonly pins: boolean;
}

/**
 * Pins sessions: from the moment a write is sent, and for the window from the moment it is committed. A write that
 * was rolled back or changed nothing leaves no pin.
 */
export class Pins {
  readonly #cluster: ClusterIdentity;
  readonly #chain: Chain;
  #warned = false;

  constructor(cluster: ClusterIdentity, chain: Chain) {
    this.#cluster = cluster;
    this.#chain = chain;
  }

  /** A write is about to be sent. */
  mark(): Mark | undefined {
    const frame = currentFrame();
    const pins = pinsWrites(frame, this.#cluster.name);
    if (frame.session === undefined) {
      if (pins) this.#warnOfNoSession();
      return undefined;
    }
    const affinity = frame.session.remember(this.#cluster);
    if (pins && this.#chain.pinMs !== undefined) affinity.pending += 1;
    return { session: frame.session, affinity, pins };
  }

  /** The write has ended. Answers the pin that it left, in milliseconds. */
  settle({ session, affinity, pins }: Mark, primary: string, outcome: Outcome, wrote: boolean): number | undefined {
    const { pinMs } = this.#chain;
    if (pins && pinMs !== undefined) affinity.pending -= 1;
    if (outcome === 'rolled-back' || (outcome === 'committed' && !wrote)) return undefined;
    affinity.primary = primary;
    if (!pins) return undefined;
    affinity.wrote = true;
    const ms = outcome === 'unknown' && !pinMs ? UNKNOWN_PIN_MS : pinMs;
    if (!ms) return undefined;
    session.gain(this.#cluster, affinity, ms);
    return ms;
  }

  #warnOfNoSession(): void {
    if (this.#warned || this.#chain.pinMs === undefined) return;
    this.#warned = true;
    process.emitWarning(
      `cluster ${this.#cluster.name} pins sessions, but a write was sent outside any; open one per request or job with runInSession`,
      { code: 'SLUICE_NO_SESSION' },
    );
  }
}
