import { describe, expect, it } from '@jest/globals';
import type { RoutingOptions } from '../../src/config.js';
import { configOf, refuseUnknownRouting } from '../../src/config.js';
import { systemClock } from '../../src/clock.js';
import { refusal } from '../support/thrown.js';

const config = (options: object): ReturnType<typeof configOf> => configOf({ default: {} }, options as RoutingOptions);
const message = (options: object): Promise<string> => refusal('SLUICE_CONFIG', () => config(options));

describe('what is left out', () => {
  it('has its default', () => {
    expect(config({})).toMatchObject({
      name: 'default',
      routeRawReads: false,
      probe: 'sql',
      probeIntervalMs: 350,
      probeTimeoutMs: 250,
      maxLagMs: 10_000,
      slowStartMs: 2_000,
      holdWritesMs: 0,
      whenNoReplica: 'primary',
      maxFallbackReads: Infinity,
      clock: systemClock,
    });
  });
});

describe('what is given', () => {
  it('is taken', () => {
    const given = { name: 'shop', routeRawReads: true, probe: 'off', probeIntervalMs: 50, probeTimeoutMs: 20 };
    expect(config(given)).toMatchObject(given);
  });

  it.each([
    [{ name: '' }, 'name is ""; give the cluster a name that is not empty'],
    [{ name: 7 }, 'name is 7; give the cluster a name that is not empty'],
    [{ name: null }, 'name is null; give the cluster a name that is not empty'],
    [{ routeRawReads: 'yes' }, 'routeRawReads is "yes"; give true or false'],
    [{ routeRawReads: 1 }, 'routeRawReads is 1; give true or false'],
    [{ probe: 'udp' }, 'probe is "udp"; allowed are "sql", "tcp", "off"'],
    [{ probe: false }, 'probe is false; allowed are "sql", "tcp", "off"'],
    [{ probeIntervalMs: 0 }, 'probeIntervalMs is 0; give a number of at least 334 (default: 350)'],
    [{ probeIntervalMs: '1s' }, 'probeIntervalMs is "1s"; give a number of at least 334 (default: 350)'],
    [{ probeTimeoutMs: -5 }, 'probeTimeoutMs is -5; give a number of at least 1 (default: 250)'],
    [{ probeTimeoutMs: Infinity }, 'probeTimeoutMs is Infinity; give a number of at least 1 (default: 250)'],
    [{ probe: 'tcp', probeIntervalMs: 0 }, 'probeIntervalMs is 0; give a number of at least 1 (default: 1000)'],
    [{ maxLagMs: 0 }, 'maxLagMs is 0; give a number of at least 1 (default: 10000)'],
    [{ slowStartMs: -1 }, 'slowStartMs is -1; give a number of at least 0 (default: 2000)'],
    [{ holdWritesMs: '2s' }, 'holdWritesMs is "2s"; give a number of at least 0 (default: 0)'],
    [{ whenNoReplica: 'wait' }, 'whenNoReplica is "wait"; allowed are "primary", "throw"'],
    [{ maxFallbackReads: -1 }, 'maxFallbackReads is -1; give a number of at least 0 (default: no limit)'],
    [{ select: 'random' }, 'select is "random"; give a strategy such as roundRobin()'],
    [{ select: {} }, 'select is an object of class Object; give a strategy such as roundRobin()'],
  ])('is refused as %j, with what is allowed', async (options, expected) => {
    expect(await message(options)).toBe(expected);
  });
});

describe('an option that is not known', () => {
  it('is refused with the nearest that is', async () => {
    expect(
      await refusal('SLUICE_CONFIG', () => refuseUnknownRouting('RoutedThing', { rooter: 'x' }, ['databases'])),
    ).toBe(
      'RoutedThing has no option "rooter", did you mean "router"?; allowed are databases, name, router, routers, select, zone, routeRawReads, probe, probeIntervalMs, probeTimeoutMs, maxLagMs, slowStartMs, holdWritesMs, whenNoReplica, maxFallbackReads, clock',
    );
    expect(
      await refusal('SLUICE_CONFIG', () => refuseUnknownRouting('RoutedThing', { database: {} }, ['databases'])),
    ).toContain('did you mean "databases"?');
  });

  it('is let pass if its adapter knows it', () => {
    expect(refuseUnknownRouting('RoutedThing', { databases: {}, name: 'shop' }, ['databases'])).toBeUndefined();
  });
});
