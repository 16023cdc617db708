import { describe, expect, it } from '@jest/globals';
import { Watchdog } from '../../src/health/watchdog.js';
import { InFlight } from '../../src/in-flight.js';
import type { Lease } from '../../src/lease.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const SUSPECT_MS = 150;
const LOOK_MS = 100;

/** A clock whose process can stand still: timers that were due fire late. */
class StallingClock extends ManualClock {
  #lostMs = 0;

  override now(): number {
    return super.now() + this.#lostMs;
  }

  stall(ms: number): void {
    this.#lostMs += ms;
  }
}

interface Watching {
  readonly clock: StallingClock;
  readonly watchdog: Watchdog;
  readonly inFlight: InFlight;
  /** When it was looked at. */
  readonly looks: number[];
  /** When it was found frozen, and for how long it had been silent. */
  readonly frozen: [number, number][];
  /** A read is sent now. */
  read(): Lease;
  /** When the check that is under way began. */
  checkedAt: number | undefined;
  /** Whether one may be looked at. */
  mayLook: boolean;
}

function watching(): Watching {
  const clock = new StallingClock();
  const looks: number[] = [];
  const frozen: [number, number][] = [];
  const inFlight = new InFlight();
  const watchdog = new Watchdog({
    clock,
    suspectMs: SUSPECT_MS,
    look: () => {
      if (!watched.mayLook) return false;
      looks.push(clock.now());
      watched.checkedAt = clock.now();
      return true;
    },
    overdue: () => (watched.checkedAt === undefined ? undefined : clock.now() - watched.checkedAt >= LOOK_MS),
    frozen: (_, silentMs) => void frozen.push([clock.now(), silentMs]),
  });
  watchdog.watch('replica-1', inFlight);
  const watched: Watching = {
    clock,
    watchdog,
    inFlight,
    looks,
    frozen,
    checkedAt: undefined,
    mayLook: true,
    read: () => {
      const lease = { startedAt: clock.now(), older: undefined, newer: undefined } as Lease;
      inFlight.add(lease);
      watchdog.arm();
      return lease;
    },
  };
  return watched;
}

describe('a watchdog', () => {
  it('notices within the time that makes one suspect, and that of a look', async () => {
    const { clock, frozen, looks, read } = watching();
    read();
    await clock.advance(SUSPECT_MS + LOOK_MS + 20);
    expect(looks).toEqual([SUSPECT_MS]);
    expect(frozen[0]?.[0]).toBeLessThanOrEqual(SUSPECT_MS + LOOK_MS + 20);
    expect(frozen[0]?.[1]).toBeGreaterThanOrEqual(SUSPECT_MS + LOOK_MS);
  });

  it('needs no look where a check was under way and unanswered already', async () => {
    const watched = watching();
    watched.checkedAt = 0;
    watched.read();
    await watched.clock.advance(SUSPECT_MS + 40);
    expect(watched.looks).toEqual([]);
    expect(watched.frozen).toHaveLength(1);
  });

  it('finds nothing while the look has not had its time', async () => {
    const { clock, frozen, read } = watching();
    read();
    await clock.advance(SUSPECT_MS + LOOK_MS - 1);
    expect(frozen).toEqual([]);
  });

  it('finds nothing while anything is answered, however long a read takes', async () => {
    const { clock, frozen, looks, inFlight, read } = watching();
    read();
    for (let answer = 0; answer < 100; answer += 1) {
      await clock.advance(SUSPECT_MS - 1);
      inFlight.answered(clock.now());
    }
    expect(looks).toEqual([]);
    expect(frozen).toEqual([]);
  });

  it('finds nothing while checks are answered, however long all reads take', async () => {
    const watched = watching();
    watched.read();
    for (let check = 0; check < 50; check += 1) {
      await watched.clock.advance(LOOK_MS - 10);
      watched.checkedAt = undefined;
      watched.watchdog.alive('replica-1');
    }
    expect(watched.looks).toEqual([]);
    expect(watched.frozen).toEqual([]);
  });

  it('finds nothing while it may not look, and looks when it may', async () => {
    const watched = watching();
    watched.mayLook = false;
    watched.read();
    await watched.clock.advance(2_000);
    expect(watched.frozen).toEqual([]);
    watched.mayLook = true;
    await watched.clock.advance(SUSPECT_MS + LOOK_MS + 40);
    expect(watched.frozen).toHaveLength(1);
  });

  it('finds nothing when its timer fired late: the answers of that time are not read yet', async () => {
    const watched = watching();
    watched.checkedAt = 0;
    watched.read();
    watched.clock.stall(2_000);
    await watched.clock.advance(SUSPECT_MS);
    expect(watched.frozen).toEqual([]);
    watched.inFlight.answered(watched.clock.now());
    watched.checkedAt = undefined;
    await watched.clock.advance(SUSPECT_MS - 1);
    expect(watched.frozen).toEqual([]);
  });

  it('finds nothing when its timer fired in time, but the process may have stood still all the while before', async () => {
    const watched = watching();
    watched.checkedAt = 0;
    watched.read();
    await watched.clock.advance(SUSPECT_MS);
    expect(watched.frozen).toEqual([]);
    // what the network has brought meanwhile is read right after the timers
    watched.inFlight.answered(watched.clock.now());
    watched.checkedAt = undefined;
    await watched.clock.advance(SUSPECT_MS - 1);
    expect(watched.frozen).toEqual([]);
  });

  it('finds a frozen one after its timer fired late, too', async () => {
    const watched = watching();
    watched.read();
    watched.clock.stall(2_000);
    await watched.clock.advance(2 * SUSPECT_MS + LOOK_MS + 40);
    expect(watched.frozen).toHaveLength(1);
  });

  it('says so again while reads that are sent there all the same are not answered', async () => {
    const { clock, frozen, read } = watching();
    read();
    await clock.advance(1_000);
    expect(frozen.length).toBeGreaterThan(2);
  });

  it('runs only while reads are in flight', async () => {
    const { clock, inFlight, read, looks } = watching();
    expect(clock.pending).toBe(0);
    const lease = read();
    expect(clock.pending).toBe(1);
    inFlight.remove(lease);
    await clock.advance(SUSPECT_MS);
    expect(clock.pending).toBe(0);
    expect(looks).toEqual([]);
  });

  it('has one timer, however many reads are in flight', () => {
    const { clock, read } = watching();
    for (let reads = 0; reads < 10; reads += 1) read();
    expect(clock.pending).toBe(1);
  });

  it('forgets a database, and stops', async () => {
    const { clock, frozen, read, watchdog } = watching();
    read();
    watchdog.forget('replica-1');
    await clock.advance(1_000);
    expect(frozen).toEqual([]);
    read();
    watchdog.stop();
    expect(clock.pending).toBe(0);
  });
});
