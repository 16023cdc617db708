import { describe, expect, it } from '@jest/globals';
import type { Database } from '@sluice/core';
import { type HealthDemands, SluiceHealthIndicator } from '@sluice/nestjs';

type Picture = readonly (readonly [name: string, role: Database['role'], health: Database['health']])[];

const clusterOf = (picture: Picture) => ({
  databases: { all: picture.map(([name, role, health]) => ({ name, role, health }) as Database) },
});
const ask = (picture: Picture, demands?: HealthDemands) =>
  new SluiceHealthIndicator().isHealthy('db', clusterOf(picture), demands).db;

/** A primary and two replicas, in these states. */
const of = (...[primary, first, second]: [Database['health'], Database['health'], Database['health']]): Picture => [
  ['default', 'primary', primary],
  ['replica-1', 'replica', first],
  ['replica-2', 'replica', second],
];

describe('the health of a cluster', () => {
  it.each([
    ['up', of('up', 'up', 'up'), {}],
    ['up', of('up', 'down', 'down'), {}],
    ['up', of('suspect', 'lagging', 'down'), {}],
    ['no primary answers', of('down', 'up', 'up'), {}],
    ['no database answers', of('down', 'down', 'down'), {}],
    ['no database answers', of('down', 'down', 'down'), { primary: false }],
    ['up', of('down', 'up', 'down'), { primary: false }],
    ['up', of('up', 'lagging', 'down'), { replicas: 1 }],
    ['1 replicas answer, and 2 have to', of('up', 'up', 'down'), { replicas: 2 }],
    [
      'up',
      [
        ['default', 'primary', 'down'],
        ['primary-2', 'primary', 'up'],
      ],
      {},
    ],
  ] satisfies [string, Picture, HealthDemands][])('is "%s" with %j, told %j', (expected, picture, demands) => {
    const { status, message } = ask(picture, demands);
    expect(message ?? status).toBe(expected);
    expect(status).toBe(expected === 'up' ? 'up' : 'down');
  });

  it('lists each database with its role and health', () => {
    expect(ask(of('up', 'down', 'lagging')).databases).toEqual({
      default: { role: 'primary', health: 'up' },
      'replica-1': { role: 'replica', health: 'down' },
      'replica-2': { role: 'replica', health: 'lagging' },
    });
  });

  it.each([
    [{ primary: 'yes' }, 'primary of isHealthy is "yes"; give true or false'],
    [{ replicas: -1 }, 'replicas of isHealthy is -1; give a number of at least 0 (default: 0)'],
    [{ replica: 1 }, 'isHealthy has no option "replica", did you mean "replicas"?; allowed are primary, replicas'],
  ])('refuses the demands %j', (demands, message) => {
    expect(() => ask(of('up', 'up', 'up'), demands as HealthDemands)).toThrow(
      expect.objectContaining({ code: 'SLUICE_CONFIG', message }),
    );
  });

  it('refuses what is no cluster, and says where one is', () => {
    const indicator = new SluiceHealthIndicator();
    for (const wrong of [undefined, {}, 'shop']) {
      expect(() => indicator.isHealthy('db', wrong as never)).toThrow(
        expect.objectContaining({
          code: 'SLUICE_CONFIG',
          message: expect.stringContaining('give a cluster, such as dataSource.cluster'),
        }),
      );
    }
  });
});
