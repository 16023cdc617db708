import { describe, expect, it } from '@jest/globals';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { PinningReplicaRouter } from '../../src/routers/pinning.js';
import { PrimaryReplicaRouter } from '../../src/routers/primary-replica.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import type { SelectFunction, SelectStrategy } from '../../src/selection/select.js';
import { pictureOf, READ, tally } from '../support/pictures.js';
import { reads, rig } from '../support/rig.js';
import { refusal } from '../support/thrown.js';

const FOUR = { default: {}, 'replica-1': {}, 'replica-2': {}, 'replica-3': {} };
const last: SelectFunction = (databases) => databases.at(-1) ?? databases[0];
const ROUTERS = [PrimaryReplicaRouter, MultiPrimaryRouter, ReplicaRouter, PinningReplicaRouter] as const;

describe.each(ROUTERS.map((router) => [router.name, router] as const))('select of %s', (_name, Selecting) => {
  it('may be a function', () => {
    const router = new Selecting({ select: last });
    expect(tally(10, () => router.dbForRead(READ, pictureOf(FOUR)))).toEqual({ 'replica-3': 10 });
  });

  it('may be an object with a state of its own', () => {
    class Alternating implements SelectStrategy {
      #turn = 0;
      select: SelectStrategy['select'] = (databases) => {
        this.#turn += 1;
        return this.#turn % 2 === 0 ? databases[0] : last(databases);
      };
    }
    const router = new Selecting({ select: new Alternating() });
    const counts = tally(10, () => router.dbForRead(READ, pictureOf(FOUR)));
    expect(counts).toHaveProperty('replica-3', 5);
    expect(Object.keys(counts)).toHaveLength(2);
  });

  it('is not asked where there is but one candidate', () => {
    const router = new Selecting({
      select: () => {
        throw new Error('asked');
      },
    });
    expect(tally(3, () => router.dbForRead(READ, pictureOf({ default: {} })))).toEqual({ default: 3 });
  });

  it('comes from the configuration where the router was given none', async () => {
    const { cluster } = rig({ databases: FOUR, router: new Selecting(), select: last });
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-3']));
  });

  it('is kept where the router was given one', async () => {
    const { cluster } = rig({
      databases: FOUR,
      router: new Selecting({ select: last }),
      select: (databases) => databases[0],
    });
    expect(new Set(await reads(cluster, 10))).toEqual(new Set(['replica-3']));
  });

  it('is refused where it is neither', async () => {
    const message = await refusal(
      'SLUICE_CONFIG',
      () => new Selecting({ select: 'random' as unknown as SelectFunction }),
    );
    expect(message).toMatch(
      /^select of \w+Router is "random"; give a function, an object with select\(candidates\), or one of /,
    );
  });
});
