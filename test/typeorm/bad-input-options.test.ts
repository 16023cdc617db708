import { describe, expect, it } from '@jest/globals';
import type { RoutableOptions, RoutedOptions } from '@sluice/typeorm';
import {
  FailoverRouter,
  isSluiceError,
  PinningReplicaRouter,
  ReplicaRouter,
  RoutedDataSource,
  SluiceError,
  useDatabase,
  usePrimary,
  withHints,
  withoutPinning,
} from '@sluice/typeorm';

/** Routing options as somebody might give them. */
const construct = (routing: unknown, typeorm: unknown = { type: 'postgres' }): RoutedDataSource =>
  new RoutedDataSource(typeorm as RoutableOptions, routing as RoutedOptions);

/** The error of something wrong, checked to be of one code. */
function refused(work: () => unknown): SluiceError {
  try {
    work();
  } catch (error) {
    if (isSluiceError(error, 'SLUICE_CONFIG')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const DATABASES = { default: { host: 'a' }, 'replica-1': { host: 'b' } };

/** Each message names the option, what came, and what is allowed. */
describe('options that are refused when a data source is made', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['no databases and no replication', {}, ['databases', 'replication', 'default: { host }']],
    ['no databases at all', { databases: {} }, ['databases', 'empty', '{ default: { host } }']],
    [
      'databases that are a list',
      { databases: [{ host: 'a' }] },
      ['databases', 'an array', 'an object of databases by name'],
    ],
    [
      'databases that are text',
      { databases: 'db-1,db-2' },
      ['databases', '"db-1,db-2"', 'an object of databases by name'],
    ],
    ['a database that is nothing', { databases: { default: undefined } }, ['default', 'undefined', '{ host }']],
    ['a database that is a host', { databases: { default: 'db-1' } }, ['default', '"db-1"', '{ host }']],
    [
      'no primary',
      { databases: { 'replica-1': {}, other: {} } },
      ['replica-1, other', 'primary', '"default"', 'role: "primary"'],
    ],
    ['only replicas by role', { databases: { default: { role: 'replica' } } }, ['default', 'role: "primary"']],
    [
      'names that differ only in case',
      { databases: { default: {}, 'Replica-1': {}, 'replica-1': {} } },
      ['"replica-1"', '"Replica-1"', 'twice', 'a name of its own'],
    ],
    [
      'names that differ only in blanks',
      { databases: { default: {}, ' default': {} } },
      ['" default"', '"default"', 'twice'],
    ],
    ['a name that is empty', { databases: { default: {}, '': {} } }, ['""', 'empty', 'a name of its own']],
    [
      'an unknown role',
      { databases: { default: { role: 'master' } } },
      ['role', 'default', '"master"', '"primary", "replica"'],
    ],
    [
      'a negative weight',
      { databases: { default: {}, 'replica-1': { weight: -1 } } },
      ['weight', 'replica-1', '-1', 'at least 0'],
    ],
    [
      'a weight that is no number',
      { databases: { default: { weight: 'heavy' } } },
      ['weight', 'default', '"heavy"', 'a number of at least 0'],
    ],
    ['a weight that is not finite', { databases: { default: { weight: Number.NaN } } }, ['weight', 'NaN']],
    [
      'an unknown option of a database',
      { databases: { default: { hots: 'db-1' } } },
      ['database default', '"hots"', 'did you mean "host"', 'allowed are'],
    ],
    [
      'an option of the other engine',
      { databases: { default: { socketPath: '/x' } } },
      ['database default', '"socketPath"', 'allowed are'],
    ],
    [
      'an unknown option',
      { databases: DATABASES, rooter: 'ReplicaRouter' },
      ['"rooter"', 'did you mean "router"', 'allowed are'],
    ],
    ['an unknown option near none', { databases: DATABASES, zebra: 1 }, ['"zebra"', 'allowed are databases']],
    ['TypeORM’s options among ours', { databases: DATABASES, entities: [] }, ['"entities"', 'allowed are']],
    [
      'a router of an unknown name',
      { databases: DATABASES, router: 'MasterSlaves' },
      ['router', '"MasterSlaves"', 'did you mean "MasterSlave"', '"PrimaryReplicaRouter"'],
    ],
    ['a router that is nothing of the kind', { databases: DATABASES, router: 42 }, ['router', '42', 'dbForRead']],
    [
      'a router that is a plain object without hooks',
      { databases: DATABASES, router: { route: () => 'default' } },
      ['router', 'Object', 'dbForRead'],
    ],
    ['a class that is no router', { databases: DATABASES, router: class Plain {} }, ['router', 'Plain', 'dbForRead']],
    [
      'a router whose hook is no method',
      { databases: DATABASES, router: { dbForRead: 'replica-1' } },
      ['dbForRead', 'router', '"replica-1"', 'a method'],
    ],
    [
      'one router of several that is wrong',
      { databases: DATABASES, routers: [ReplicaRouter, 'Nobody'] },
      ['routers[1]', '"Nobody"'],
    ],
    [
      'routers that are no list',
      { databases: DATABASES, routers: ReplicaRouter },
      ['routers', 'ReplicaRouter', 'an array'],
    ],
    [
      'router and routers both',
      { databases: DATABASES, router: ReplicaRouter, routers: [] },
      ['router', 'routers', 'one of them'],
    ],
    ['a strategy that is none', { databases: DATABASES, select: 'fastest' }, ['select', '"fastest"', 'roundRobin()']],
    ['a cluster without a name', { databases: DATABASES, name: '' }, ['name', '""', 'not empty']],
    [
      'a switch that is no boolean',
      { databases: DATABASES, routeRawReads: 'yes' },
      ['routeRawReads', '"yes"', 'true or false'],
    ],
    ['an unknown probe', { databases: DATABASES, probe: 'ping' }, ['probe', '"ping"', '"sql"', '"tcp"', '"off"']],
    ['an interval that is none', { databases: DATABASES, probeIntervalMs: 0 }, ['probeIntervalMs', '0', 'at least']],
    ['routing options that are none', null, ['routing options', 'null', '{ databases, router }']],
  ];

  it.each(cases)('%s', (_name, routing, words) => {
    const { message } = refused(() => construct(routing));
    for (const word of words) expect(message).toContain(word);
  });

  it.each([
    'sqlite',
    'better-sqlite3',
    'oracle',
    'mssql',
    'cockroachdb',
    'mongodb',
    'aurora-mysql',
    'spanner',
    undefined,
    'postgresql',
  ])('type %s', (type) => {
    const { message } = refused(() => construct({ databases: DATABASES }, { type }));
    for (const word of ['type', String(type), '"mysql", "mariadb", "postgres"']) expect(message).toContain(word);
  });

  it.each([undefined, null, 'mysql'])('TypeORM options that are %s', (typeorm) => {
    const make = () => new RoutedDataSource(typeorm as never, { databases: DATABASES });
    expect(refused(make).message).toContain('TypeORM');
  });

  it('a password that is a function, which mysql2 does not take', () => {
    const password = () => 'hunter2';
    for (const [typeorm, databases] of [
      [{ type: 'mysql', password }, { default: {} }],
      [{ type: 'mariadb' }, { default: { password } }],
    ] as const) {
      const { message } = refused(() => construct({ databases }, typeorm));
      for (const word of ['password', 'default', 'function', 'text', 'PostgreSQL']) expect(message).toContain(word);
    }
    expect(() => construct({ databases: { default: { password } } })).not.toThrow();
  });

  describe('TypeORM’s replication', () => {
    const replication = { master: { host: 'a' }, slaves: [{ host: 'b' }] };

    it.each([
      ['beside databases', { databases: DATABASES }, replication, ['databases and replication', 'leave databases out']],
      ['without a master', {}, { slaves: [] }, ['replication', 'master', '{ master: {…}, slaves: [{…}] }']],
      ['without slaves', {}, { master: {} }, ['replication', 'slaves']],
      ['that is nothing', {}, null, ['replication']],
      [
        'with an unknown selector',
        {},
        { ...replication, selector: 'FASTEST' },
        ['selector', '"FASTEST"', '"RR", "RANDOM", "ORDER"'],
      ],
      [
        'with an unknown defaultMode',
        {},
        { ...replication, defaultMode: 'replica' },
        ['defaultMode', '"replica"', '"master", "slave"'],
      ],
    ] as const)('%s', (_name, routing, given, words) => {
      const { message } = refused(() => construct(routing, { type: 'mysql', replication: given }));
      for (const word of words) expect(message).toContain(word);
    });
  });

  it.each([
    [
      'an option of ReplicaRouter',
      () => new ReplicaRouter({ strategy: 'x' } as never),
      ['ReplicaRouter', '"strategy"', 'select'],
    ],
    [
      'a strategy of ReplicaRouter',
      () => new ReplicaRouter({ select: 'fastest' as never }),
      ['select', 'ReplicaRouter', '"fastest"', 'roundRobin()'],
    ],
    ['pinSeconds', () => new PinningReplicaRouter({ pinSeconds: -1 }), ['pinSeconds', '-1', 'at least 0']],
    ['pinSeconds as text', () => new PinningReplicaRouter({ pinSeconds: '15' as never }), ['pinSeconds', '"15"']],
    [
      'an option near pinSeconds',
      () => new PinningReplicaRouter({ pinSecond: 15 } as never),
      ['"pinSecond"', 'did you mean "pinSeconds"'],
    ],
    [
      'prefer',
      () => new FailoverRouter({ prefer: 'replica-1' as never }),
      ['prefer', '"replica-1"', 'an array of names'],
    ],
    ['the function of usePrimary', () => usePrimary('work' as never), ['usePrimary', '"work"', 'function']],
    [
      'the function of withoutPinning',
      () => withoutPinning(undefined as never),
      ['withoutPinning', 'undefined', 'function'],
    ],
    [
      'an option of usePrimary',
      () => usePrimary(() => 1, { clutser: 'x' } as never),
      ['usePrimary', '"clutser"', 'did you mean "cluster"'],
    ],
    [
      'the name of useDatabase',
      () => useDatabase(undefined as never, () => 1),
      ['useDatabase', 'undefined', 'name of a database'],
    ],
    ['the hints of withHints', () => withHints('report' as never, () => 1), ['withHints', '"report"', 'object']],
  ] as const)('%s, too', (_name, work, words) => {
    const { message } = refused(work);
    for (const word of words) expect(message).toContain(word);
  });

  it('are told as SluiceErrors, one sentence without secrets', () => {
    const error = refused(() => construct({ databases: { default: { password: 'hunter2', hots: 'x' } } }));
    expect(error).toBeInstanceOf(SluiceError);
    expect(error.name).toBe('SluiceError');
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('\n');
  });
});
