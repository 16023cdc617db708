import { arePins, type PinStore, Session, show } from '@sluice/core';
import type { Surroundings } from './request-pin.js';
import { pinsByMethod, RequestPin } from './request-pin.js';
import type { UnkeptPins } from './unkept-pins.js';

interface Place {
  readonly store: PinStore;
  readonly id: string;
  /** What the store did not take before. */
  readonly unkept: UnkeptPins;
}

/** A pin that a store keeps. A store that fails costs freshness nothing: the request keeps to the primary. */
export class StoredPin extends RequestPin {
  readonly #place: Place;
  #ended = false;
  /** Whether there are pins that the store has not been given. */
  #unkept = false;
  #keeping = false;

  constructor({ store, id, unkept, ...around }: Surroundings & Place) {
    const session = new Session();
    const { pinSeconds } = around.settings;
    const place = { store, id, unkept };
    // what is pinned from its start need not ask, nor what no request before can have pinned
    const asks = pinSeconds > 0 && !pinsByMethod(around.settings, around.method);
    super(session, around, asks ? load(place, session, pinSeconds) : undefined);
    this.#place = place;
  }

  override header(): undefined {
    return undefined;
  }

  override beforeEnd(): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.session.onGain(() => void this.#keep());
    return this.made() === '' ? undefined : this.#keep();
  }

  override finish(): void {
    super.finish();
    void this.beforeEnd();
  }

  /** Keeps the pins there are; also those that are made while it does, in the session of a request that is over. */
  async #keep(): Promise<void> {
    this.#unkept = true;
    if (this.#keeping) return;
    this.#keeping = true;
    while (this.#unkept) {
      this.#unkept = false;
      const pins = this.made();
      if (pins !== '') await save(this.#place, pins);
    }
    this.#keeping = false;
  }
}

async function save({ store, id, unkept }: Place, pins: string): Promise<void> {
  try {
    await store.save(id, pins);
  } catch (error) {
    unkept.add(id, pins);
    warn('kept', error);
  }
}

async function load({ store, id, unkept }: Place, session: Session, longestSeconds: number): Promise<void> {
  session.arrive(unkept.find(id), { longestSeconds });
  try {
    const pins = await store.load(id);
    if (pins !== undefined && !arePins(pins)) throw new Error(`it answered ${show(pins)}, which are no pins`);
    session.arrive(pins, { longestSeconds });
  } catch (error) {
    session.keepOnPrimary();
    warn('looked up', error);
  }
}

const warned = new Set<string>();

function warn(what: string, error: unknown): void {
  if (warned.has(what)) return;
  warned.add(what);
  const reason = error instanceof Error ? error.message : String(error);
  process.emitWarning(`a pin could not be ${what} in its store (${reason}); such requests keep to the primary`, {
    code: 'SLUICE_PIN_STORE',
  });
}
