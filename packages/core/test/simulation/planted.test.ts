import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster } from '../../src/cluster.js';
import type { Databases } from '../../src/databases.js';
import { Health } from '../../src/health/health.js';
import { Knowledge } from '../../src/health/knowledge.js';
import { Monitor } from '../../src/health/monitor.js';
import { InFlight } from '../../src/in-flight.js';
import { Lease } from '../../src/lease.js';
import { Pins } from '../../src/pins.js';
import { Serving } from '../../src/serving.js';
import { warnings } from '../support/warnings.js';
import type { Invariant } from './invariants.js';
import { Pools } from './pools.js';
import { simulate } from './simulation.js';

/** Seeds among which each of these faults does harm. */
const SEEDS = 300;

interface Fault {
  readonly what: string;
  /** What catches it. */
  readonly caught: Invariant;
  /** Puts the fault in. */
  readonly plant: () => void;
}

const undone: (() => void)[] = [];

/** Replaces members of a class until the test is over. */
function replace<T extends object>(of: T, members: Partial<Record<keyof T, unknown>>): void {
  for (const [name, value] of Object.entries(members)) {
    const before = Object.getOwnPropertyDescriptor(of, name);
    if (before === undefined) throw new Error(`there is no ${name} to replace`);
    undone.push(() => Object.defineProperty(of, name, before));
    Object.defineProperty(of, name, value as PropertyDescriptor);
  }
}

const method = (value: (this: never, ...given: never[]) => unknown): PropertyDescriptor => ({
  value,
  configurable: true,
});
const nothing = method(() => undefined);

const keepRoles = (databases: Databases): unknown => ({ primaries: [databases.default.name], disputed: [] });

const FAULTS: readonly Fault[] = [
  {
    what: 'takes a write whose connection was lost for a read, and sends it again',
    caught: 'a write is never executed twice',
    plant: () => replace(Lease.prototype, { changes: { get: () => false, configurable: true } }),
  },
  {
    what: 'offers every database, whatever is known of it',
    caught: 'no read on a database known to be down while another was readable',
    plant: () =>
      replace(Health.prototype, {
        offered: method(function offered(this: Health) {
          return this.databases.all.reduce<Databases>(
            (picture, { name }) => picture.observe(name, { health: 'up' }),
            this.databases,
          );
        }),
      }),
  },
  {
    what: 'forgets pins',
    caught: 'pinned reads are never stale',
    plant: () => {
      const { settle } = Pins.prototype;
      replace(Pins.prototype, {
        settle: method(function settled(this: Pins, mark: Parameters<Pins['settle']>[0], primary: string) {
          return settle.call(this, mark, primary, 'rolled-back', false);
        }),
      });
    },
  },
  {
    what: 'takes whoever takes writes for a primary',
    caught: 'no write on a replica',
    plant: () => {
      const reports = new WeakMap<Knowledge, Map<string, boolean | undefined>>();
      const { learn } = Knowledge.prototype;
      replace(Knowledge.prototype, {
        learn: method(function learnt(this: Knowledge, ...given: Parameters<Knowledge['learn']>) {
          const known = reports.get(this) ?? new Map<string, boolean | undefined>();
          known.set(given[0], given[1].writable);
          reports.set(this, known);
          learn.apply(this, given);
        }),
        roles: method(function roles(this: Knowledge, databases: Databases) {
          const writable = [...(reports.get(this) ?? [])].filter(([, takes]) => takes === true).map(([name]) => name);
          return { primaries: writable.length > 0 ? writable.slice(-1) : [databases.default.name], disputed: [] };
        }),
      });
    },
  },
  {
    what: 'repeats nothing',
    caught: 'reads fail only when nothing could serve them',
    plant: () => replace(Serving.prototype, { mayRepeat: method(() => false) }),
  },
  {
    what: 'never gives up a read',
    caught: 'no read waits for a database that does not answer',
    plant: () => replace(InFlight.prototype, { abandon: nothing }),
  },
  {
    what: 'gives up what has begun, or was answered',
    caught: 'only a plain read is given up',
    plant: () => replace(InFlight.prototype, { remove: nothing }),
  },
  {
    what: 'does not close what was given up',
    caught: 'no late reply is delivered',
    plant: () => replace(Pools.prototype, { drop: nothing }),
  },
  {
    what: 'moves an open transaction elsewhere',
    caught: 'no statement of a transaction leaves its database',
    plant: () =>
      replace(Lease.prototype, {
        database: {
          configurable: true,
          get(this: Lease) {
            return this.kept ? { ...this.route.database, name: 'elsewhere' } : this.route.database;
          },
        },
      }),
  },
  {
    what: 'tells of success though a write has failed',
    caught: 'an acknowledged write was executed',
    plant: () => {
      const { run } = Cluster.prototype;
      replace(Cluster.prototype, {
        run: method(async function swallowing(this: Cluster, ...given: Parameters<Cluster['run']>) {
          const ran: Promise<unknown> = run.apply(this, given);
          return given[0].intent === 'write' ? ran.catch(() => ({ server: { name: 'none' } })) : ran;
        }),
      });
    },
  },
  {
    what: 'does not say that an outcome is unknown',
    caught: 'a write that surely failed was not executed',
    plant: () => {
      const { run } = Cluster.prototype;
      replace(Cluster.prototype, {
        run: method(async function certain(this: Cluster, ...given: Parameters<Cluster['run']>) {
          return run.apply(this, given).catch((error: Error) => {
            throw error.cause ?? error;
          });
        }),
      });
    },
  },
  {
    what: 'checks on after it is closed',
    caught: 'nothing is left behind',
    plant: () => replace(Monitor.prototype, { stop: nothing }),
  },
  {
    what: 'counts up reads that fall on the primary, and never down',
    caught: 'nothing is left behind',
    plant: () => {
      const { ended } = Serving.prototype;
      replace(Serving.prototype, {
        ended: method(function miscounting(this: Serving, lease: Parameters<Serving['ended']>[0]) {
          const { isFallback: _, ...route } = lease.route;
          ended.call(this, { ...lease, route });
        }),
      });
    },
  },
  {
    what: 'takes any read for one that was never answered',
    caught: 'nobody who is well is condemned',
    plant: () => {
      replace(InFlight.prototype, { oldestAt: { get: () => 0, configurable: true }, answered: nothing });
      replace(Monitor.prototype, { unansweredMs: method(() => 1_000) });
    },
  },
  {
    what: 'never looks who is the primary',
    caught: 'all is well in the end',
    plant: () => replace(Knowledge.prototype, { roles: method(keepRoles) }),
  },
  {
    what: 'never looks who is the primary, nor whether it takes writes',
    caught: 'writes fail only when the primary could not serve them',
    plant: () => replace(Knowledge.prototype, { roles: method(keepRoles), isReadOnly: method(() => false) }),
  },
];

describe('the simulation catches a cluster', () => {
  warnings();
  afterEach(() => {
    for (const undo of undone.splice(0).toReversed()) undo();
  });

  it.each(FAULTS.map((fault) => [fault.what, fault] as const))('that %s', async (_what, { caught, plant }) => {
    plant();
    const found = new Set<Invariant>();
    for (let seed = 1; seed <= SEEDS && !found.has(caught); seed += 1) {
      for (const { invariant } of (await simulate(seed)).violations) found.add(invariant);
    }
    expect([...found]).toContain(caught);
  });
});
