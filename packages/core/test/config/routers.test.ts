import { describe, expect, it } from '@jest/globals';
import type { RoutingOptions } from '../../src/config.js';
import { configOf } from '../../src/config.js';
import { Router } from '../../src/router.js';
import { FailoverRouter } from '../../src/routers/failover.js';
import { MultiPrimaryRouter } from '../../src/routers/multi-primary.js';
import { PinningReplicaRouter, PinningRouter } from '../../src/routers/pinning.js';
import { PrimaryReplicaRouter } from '../../src/routers/primary-replica.js';
import { ReplicaRouter } from '../../src/routers/replica.js';
import { refusal } from '../support/thrown.js';

const routers = (options: RoutingOptions): readonly Router[] => configOf({ default: {} }, options).chain.routers;
const message = (options: object): Promise<string> =>
  refusal('SLUICE_CONFIG', () => configOf({ default: {} }, options as RoutingOptions));
const SHIPPED =
  '"PrimaryReplicaRouter", "MasterSlave", "MultiPrimaryRouter", "MultipleMasterSlave", "ReplicaRouter", "PinningReplicaRouter", "FailoverRouter"';

describe('router', () => {
  it.each([
    ['PrimaryReplicaRouter', PrimaryReplicaRouter],
    ['MasterSlave', PrimaryReplicaRouter],
    ['MultiPrimaryRouter', MultiPrimaryRouter],
    ['MultipleMasterSlave', MultiPrimaryRouter],
    ['ReplicaRouter', ReplicaRouter],
    ['PinningReplicaRouter', PinningReplicaRouter],
    ['FailoverRouter', FailoverRouter],
  ] as const)('may be the name %s', (name, Named) => {
    const [router] = routers({ router: name });
    expect(router).toBeInstanceOf(Named);
  });

  it('may be a class or an instance', () => {
    const instance = new ReplicaRouter();
    expect(routers({ router: instance })[0]).toBe(instance);
    expect(routers({ router: ReplicaRouter })[0]).toBeInstanceOf(ReplicaRouter);
  });

  it('is a new one of its class for each cluster', () => {
    expect(routers({ router: 'ReplicaRouter' })[0]).not.toBe(routers({ router: 'ReplicaRouter' })[0]);
  });

  it('is a PinningReplicaRouter unless told otherwise', () => {
    expect(routers({})[0]).toBeInstanceOf(PinningReplicaRouter);
    expect(routers({})).toHaveLength(1);
  });

  it('is refused by a name that no shipped router has, with the nearest that one has', async () => {
    expect(await message({ router: 'ReplicRouter' })).toBe(
      `router is "ReplicRouter", which is no shipped router, did you mean "ReplicaRouter"?; allowed are ${SHIPPED}`,
    );
    expect(await message({ router: 'multidb.PinningReplicaRouterOfDjango' })).toBe(
      `router is "multidb.PinningReplicaRouterOfDjango", which is no shipped router; allowed are ${SHIPPED}`,
    );
    expect(await message({ router: 'toString' })).toContain('"toString", which is no shipped router');
  });

  it.each([
    [42, '42'],
    [null, 'null'],
    [{}, 'an object of class Object'],
    [[], 'an array'],
    [{ dbForReed: () => 'x' }, 'an object of class Object'],
    [class Empty {}, 'the function Empty'],
    [() => new ReplicaRouter(), 'a function'],
    [
      function make() {
        return 'default';
      },
      'the function make',
    ],
  ])('is refused as %p', async (router, shown) => {
    expect(await message({ router })).toBe(
      `router is ${shown}; give an object with one or more of dbForRead, dbForWrite, allowRelation, allowMigrate, the class of one, or one of ${SHIPPED}`,
    );
  });

  it.each(['dbForRead', 'dbForWrite', 'allowRelation', 'allowMigrate'])(
    'is refused with a %s that is no method',
    async (hook) => {
      const other = hook === 'dbForRead' ? 'dbForWrite' : 'dbForRead';
      expect(await message({ router: { [other]: () => {}, [hook]: 'default' } })).toBe(
        `${hook} of router is "default"; give a method`,
      );
    },
  );

  it.each([
    [-1, '-1'],
    ['15', '"15"'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
  ])('is refused with pinSeconds of %p', async (pinSeconds, shown) => {
    expect(await message({ router: { dbForRead: () => {}, pinSeconds } })).toMatch(
      `pinSeconds of router is ${shown}; give a number of at least 0`,
    );
  });

  it('is refused as a class that needs an argument, in the words of that class', async () => {
    expect(await message({ router: PinningRouter })).toBe(
      'PinningRouter got undefined; give the router to pin, such as new ReplicaRouter()',
    );
  });
});

describe('routers', () => {
  it('are asked in their order, each given in any way that one may be', () => {
    const plain = { dbForRead: (): undefined => undefined };
    const given = routers({ routers: ['FailoverRouter', ReplicaRouter, plain] });
    expect(given.map(({ constructor }) => constructor.name)).toEqual(['FailoverRouter', 'ReplicaRouter', 'Object']);
    expect(given[2]).toBe(plain);
  });

  it('may be none', () => {
    expect(routers({ routers: [] })).toEqual([]);
  });

  it('are refused beside router', async () => {
    expect(await message({ router: 'ReplicaRouter', routers: ['ReplicaRouter'] })).toBe(
      'router and routers are both given; give one of them',
    );
  });

  it.each([
    ['ReplicaRouter', '"ReplicaRouter"'],
    [{}, 'an object of class Object'],
    [null, 'null'],
  ])('are refused as %p, which is no array', async (given, shown) => {
    expect(await message({ routers: given })).toBe(`routers is ${shown}; give an array of routers, or one as router`);
  });

  it('are refused by the place of the wrong one', async () => {
    expect(await message({ routers: ['ReplicaRouter', 'ReplicaRooter'] })).toMatch(
      /^routers\[1\] is "ReplicaRooter", /,
    );
    expect(await message({ routers: [undefined] })).toMatch(/^routers\[0\] is undefined; /);
  });
});

describe('the options of a shipped router', () => {
  it.each([
    [
      'ReplicaRouter',
      () => new ReplicaRouter({ selct: () => {} } as object),
      'ReplicaRouter has no option "selct", did you mean "select"?; allowed are select',
    ],
    [
      'FailoverRouter',
      () => new FailoverRouter({ prefers: [] } as object),
      'FailoverRouter has no option "prefers", did you mean "prefer"?; allowed are prefer',
    ],
    [
      'FailoverRouter',
      () => new FailoverRouter({ prefer: 'replica-1' } as object),
      'prefer of FailoverRouter is "replica-1"; give an array of names of databases',
    ],
    [
      'FailoverRouter',
      () => new FailoverRouter({ prefer: [1] } as object),
      'prefer of FailoverRouter is an array; give an array of names of databases',
    ],
    [
      'PinningRouter',
      () => new PinningRouter(new ReplicaRouter(), { seconds: 1 } as object),
      'PinningRouter has no option "seconds"; allowed are pinSeconds',
    ],
    [
      'PinningRouter',
      () => new PinningRouter('ReplicaRouter' as never),
      'PinningRouter got "ReplicaRouter"; give the router to pin, such as new ReplicaRouter()',
    ],
    [
      'PinningReplicaRouter',
      () => new PinningReplicaRouter({ pinSeconds: -1 }),
      'pinSeconds is -1; give a number of at least 0 (default: 15)',
    ],
    [
      'PinningReplicaRouter',
      () => new PinningReplicaRouter({ pinSeconds: '5' } as object),
      'pinSeconds is "5"; give a number of at least 0 (default: 15)',
    ],
    [
      'MultiPrimaryRouter',
      () => new MultiPrimaryRouter(null as never),
      'the options of MultiPrimaryRouter are null; give an object with any of select',
    ],
  ])('are checked: %s', async (_name, make, expected) => {
    expect(await refusal('SLUICE_CONFIG', make)).toBe(expected);
  });
});
