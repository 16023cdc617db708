import { type Affinity, type ClusterIdentity, isPinned } from './affinity.js';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import type { TravellingPin } from './session-text.js';
import { decodePins, encodePins } from './session-text.js';

/** How long `markWritten()` pins the next request, unless it is said. */
const MARKED_MS = 15_000;

export interface SessionOptions {
  /** What `session.export()` gave in the work before; anything else is as if absent. */
  readonly from?: string | undefined;
  /** Pins that claim to last longer than so many seconds from now end then. Default: no limit but a day. */
  readonly longestSeconds?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** What routers and applications may ask of a session. */
export interface SessionView {
  /** Whether reads stay on the primary now; of the cluster of this name, or of any. */
  pinned(cluster?: string): boolean;
  /** Whether the session wrote; to the cluster of this name, or to any. */
  wrote(cluster?: string): boolean;
  /** The primary that the session last wrote to; in the cluster of this name, or the first it knows. */
  primary(cluster?: string): string | undefined;
}

/**
 * What one unit of work (a request, a job) remembers between its statements. One mutable object, carried by
 * `AsyncLocalStorage` and closed at the end of the work: what it remembers is gone then, also for a timer left behind.
 */
export class Session implements SessionView {
  readonly #clock: Clock;
  readonly #affinities = new Map<ClusterIdentity, Affinity>();
  /** Pins that came with the work, of clusters that it has not used yet. */
  readonly #arrived = new Map<string, TravellingPin>();
  /** Monotonic milliseconds; reads of every cluster stay on the primary until then. */
  #allPinnedUntil = -Infinity;
  #gained = false;
  #kept = false;
  #closed = false;
  #marked = false;
  #onGain = (): void => {};

  constructor({ from, longestSeconds = Infinity, clock = systemClock }: SessionOptions = {}) {
    this.#clock = clock;
    this.arrive(from, { longestSeconds });
  }

  /** Takes over the pins of the work before, as `from` does; for those that arrive after the session was opened. */
  arrive(pins: string | undefined, { longestSeconds = Infinity }: Pick<SessionOptions, 'longestSeconds'> = {}): void {
    const epoch = this.#clock.epoch();
    for (const pin of decodePins(pins, epoch)) {
      this.#arrive({ ...pin, until: Math.min(pin.until, epoch + longestSeconds * 1_000) });
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether `markWritten()` was called: the next request of this user is pinned, this one is not. */
  get marked(): boolean {
    return this.#marked;
  }

  pinned(cluster?: string): boolean {
    return this.#isAllPinned() || this.#some(cluster, isPinned) || this.#hasArrived(cluster);
  }

  wrote(cluster?: string): boolean {
    return this.#some(cluster, (affinity) => affinity.wrote) || this.#hasArrived(cluster);
  }

  primary(cluster?: string): string | undefined {
    for (const [identity, affinity] of this.#affinities) {
      if ((cluster === undefined || identity.name === cluster) && affinity.primary !== undefined)
        return affinity.primary;
    }
    for (const pin of this.#arrived.values()) {
      if ((cluster === undefined || pin.cluster === cluster) && pin.primary !== undefined) return pin.primary;
    }
    return undefined;
  }

  /** Whether this unit of work has pinned the next one: by a write, by `pin()` or by `markWritten()`. */
  get gained(): boolean {
    return this.#gained || this.#some(undefined, (affinity) => affinity.gained);
  }

  /** Keeps reads of every cluster on the primary for so long from now; never shortens a pin. */
  pin({ seconds }: { readonly seconds: number }): void {
    if (this.#closed) return;
    this.#gained = true;
    this.#pinAll(seconds * 1_000);
    this.#onGain();
  }

  /** Makes or renews the pin of a cluster by a write, for so many milliseconds from now; never shortens it. */
  gain(cluster: ClusterIdentity, affinity: Affinity, ms: number): void {
    affinity.pinnedUntil = Math.max(affinity.pinnedUntil, cluster.now() + ms);
    affinity.gained = true;
    this.#onGain();
  }

  /** Calls `listener`, and no other, each time that this unit of work pins the next one from here on. */
  onGain(listener: () => void): void {
    this.#onGain = listener;
  }

  /**
   * Keeps all reads of this unit of work on the primary, however long it takes, and pins no other: nobody knows what came
   * before it, or it is known to write. `false`: no longer.
   */
  keepOnPrimary(kept = true): void {
    this.#kept = kept && !this.#closed;
  }

  /**
   * The pins of this session as text, for the next request or job of the same user: `runInSession(work, { from })`.
   * Empty if there is none. `seconds`: how long pins that were made in this work last from now. Default: what is left
   * of them, and 15 for `markWritten()`.
   */
  export({ seconds }: { readonly seconds?: number } = {}): string {
    if (this.#closed) return '';
    const epoch = this.#clock.epoch();
    const pins: TravellingPin[] = [...this.#arrived.values()];
    const marked = this.#marked ? MARKED_MS : 0;
    const renewed = this.#gained && seconds !== undefined ? seconds * 1_000 : marked;
    const all = Math.max(this.#allPinnedUntil - this.#clock.now(), renewed);
    if (all > 0) pins.push({ cluster: undefined, until: epoch + all, primary: undefined });
    for (const [cluster, { pinnedUntil, arrivedUntil, primary, gained }] of this.#affinities) {
      const now = cluster.now();
      const left = gained && seconds !== undefined ? Math.max(arrivedUntil - now, seconds * 1_000) : pinnedUntil - now;
      if (left > 0) pins.push({ cluster: cluster.name, until: epoch + left, primary });
    }
    return encodePins(pins);
  }

  /** Says that this unit of work wrote somewhere Sluice cannot see. Pins the next request only. */
  markWritten(): void {
    this.#marked = true;
    this.#gained = true;
    this.#onGain();
  }

  /** Ends the session; nothing it remembered holds any longer. */
  close(): void {
    this.#closed = true;
    this.#affinities.clear();
    this.#arrived.clear();
    this.#allPinnedUntil = -Infinity;
    this.#kept = false;
    this.#onGain = () => {};
  }

  /** What this session knows of a cluster; undefined while it knows nothing. */
  affinity(cluster: ClusterIdentity): Affinity | undefined {
    const known = this.#affinities.get(cluster);
    if (known !== undefined || this.#arrived.size === 0) return known;
    return this.#arrived.has(cluster.name) ? this.remember(cluster) : undefined;
  }

  /** Whether reads of this cluster stay on the primary now. */
  isPinned(cluster: ClusterIdentity): boolean {
    const affinity = this.affinity(cluster);
    return (affinity !== undefined && isPinned(affinity, cluster)) || this.#isAllPinned();
  }

  /** Starts to remember a cluster. */
  remember(cluster: ClusterIdentity): Affinity {
    const known = this.#affinities.get(cluster);
    if (known !== undefined) return known;
    const arrived = this.#arrived.get(cluster.name);
    this.#arrived.delete(cluster.name);
    const leftMs = arrived === undefined ? -Infinity : arrived.until - this.#clock.epoch();
    const affinity: Affinity = {
      pinnedUntil: cluster.now() + leftMs,
      arrivedUntil: cluster.now() + leftMs,
      pending: 0,
      primary: arrived?.primary,
      wrote: leftMs > 0,
      gained: false,
    };
    if (!this.#closed) this.#affinities.set(cluster, affinity);
    return affinity;
  }

  /** Lengthens what is known of its cluster; never shortens. */
  #arrive(pin: TravellingPin): void {
    const leftMs = pin.until - this.#clock.epoch();
    if (pin.cluster === undefined) {
      this.#pinAll(leftMs);
      return;
    }
    const known = [...this.#affinities].filter(([{ name }]) => name === pin.cluster);
    for (const [cluster, affinity] of known) {
      affinity.pinnedUntil = Math.max(affinity.pinnedUntil, cluster.now() + leftMs);
      affinity.arrivedUntil = Math.max(affinity.arrivedUntil, cluster.now() + leftMs);
      affinity.primary ??= pin.primary;
      affinity.wrote = true;
    }
    const before = this.#arrived.get(pin.cluster);
    if (known.length === 0 && (before === undefined || before.until < pin.until)) this.#arrived.set(pin.cluster, pin);
  }

  /** Whether a pin came with the work that is not over, of a cluster that it has not used yet. */
  #hasArrived(cluster: string | undefined): boolean {
    for (const pin of this.#arrived.values()) {
      if ((cluster === undefined || pin.cluster === cluster) && pin.until > this.#clock.epoch()) return true;
    }
    return false;
  }

  #pinAll(ms: number): void {
    this.#allPinnedUntil = Math.max(this.#allPinnedUntil, this.#clock.now() + ms);
  }

  #isAllPinned(): boolean {
    if (this.#kept) return true;
    return this.#allPinnedUntil !== -Infinity && this.#clock.now() < this.#allPinnedUntil;
  }

  #some(cluster: string | undefined, holds: (affinity: Affinity, identity: ClusterIdentity) => boolean): boolean {
    for (const [identity, affinity] of this.#affinities) {
      if ((cluster === undefined || identity.name === cluster) && holds(affinity, identity)) return true;
    }
    return false;
  }
}
