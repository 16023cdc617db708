import { describe, expect, it } from '@jest/globals';
import type { Health } from '../src/databases.js';
import { pictureOf } from './support/pictures.js';
import { refusal } from './support/thrown.js';

const names = (databases: readonly { readonly name: string }[]): string[] => databases.map(({ name }) => name);

describe('a picture of databases', () => {
  const three = pictureOf({ 'replica-1': {}, default: {}, 'replica-2': {} });

  it('lists them all, and by role, in the order of the configuration', () => {
    expect(names(three.all)).toEqual(['replica-1', 'default', 'replica-2']);
    expect(names(three.primaries)).toEqual(['default']);
    expect(names(three.replicas)).toEqual(['replica-1', 'replica-2']);
  });

  it.each([
    ['the primary of that name', { 'primary-a': {}, default: {} }, 'default'],
    ['the first primary, if none has that name', { reports: {}, 'primary-a': {}, 'primary-b': {} }, 'primary-a'],
    [
      'the first primary, if that name is a replica',
      { default: { role: 'replica' }, main: { role: 'primary' } },
      'main',
    ],
  ] as const)('has as its default %s', (_rule, given, expected) => {
    expect(pictureOf(given).default.name).toBe(expected);
  });

  it('finds a database by name', () => {
    expect(three.get('replica-1')?.role).toBe('replica');
    expect(three.get('replica-3')).toBeUndefined();
    expect(three.named('default').role).toBe('primary');
  });

  it('refuses a name that no database has, and lists those there are', async () => {
    expect(await refusal('SLUICE_UNKNOWN_DATABASE', () => three.named('replica-3'))).toBe(
      'no database is named "replica-3"; this cluster has replica-1, default, replica-2',
    );
  });

  it.each<[Health, boolean]>([
    ['up', true],
    ['suspect', true],
    ['warming', true],
    ['recovering', false],
    ['draining', false],
    ['down', false],
  ])('offers a database that is %s: %p', (health, offered) => {
    const databases = pictureOf({ default: {}, 'primary-b': { health }, 'replica-1': { health } });
    expect(names(databases.readable).includes('replica-1')).toBe(offered);
    expect(names(databases.readableReplicas).includes('replica-1')).toBe(offered);
    expect(names(databases.writable).includes('primary-b')).toBe(offered);
  });

  it('offers no replica that is lagging while another one is not', () => {
    const databases = pictureOf({ default: {}, 'replica-1': { health: 'lagging' }, 'replica-2': {} });
    expect(names(databases.readableReplicas)).toEqual(['replica-2']);
  });

  it('offers the least lagging replica, beside the primary, when all are behind', () => {
    let databases = pictureOf({ default: {}, 'replica-1': {}, 'replica-2': {}, 'replica-3': {} });
    for (const [name, lagMs] of [
      ['replica-1', 30_000],
      ['replica-2', 20_000],
      ['replica-3', undefined],
    ] as const) {
      databases = databases.observe(name, { health: 'lagging', lagMs });
    }
    expect(names(databases.readable)).toEqual(['default', 'replica-2']);
    expect(names(databases.readableReplicas)).toEqual(['replica-2']);
  });

  it('offers what is alive before what is down when nothing serves', () => {
    const down = { health: 'down' } as const;
    const among = (health: Health): string[] =>
      names(pictureOf({ default: down, 'replica-1': { health }, 'replica-2': down }).readable);
    for (const health of ['lagging', 'recovering', 'draining'] as const) expect(among(health)).toEqual(['replica-1']);
    expect(among('down')).toEqual(['default', 'replica-1', 'replica-2']);
  });

  it('offers those that are down when all are, and no sooner', () => {
    const down = { health: 'down' } as const;
    expect(names(pictureOf({ default: down, 'replica-1': down }).readable)).toEqual(['default', 'replica-1']);
    expect(names(pictureOf({ default: down, 'replica-1': {} }).readable)).toEqual(['replica-1']);
    expect(names(pictureOf({ default: down, 'replica-1': {} }).writable)).toEqual(['default']);
  });

  it('offers nothing that a statement has tried', () => {
    const left = three.without(['replica-1']);
    expect(names(left.readable)).toEqual(['default', 'replica-2']);
    expect(names(left.all)).toEqual(names(three.all));
    expect(three.without(['default', 'replica-1', 'replica-2']).readable).toEqual([]);
    expect(three.without(['default']).writable).toEqual([]);
  });

  it('prefers one that is down and untried to one that was tried', () => {
    const databases = pictureOf({ default: {}, 'replica-1': { health: 'down' } });
    expect(names(databases.without(['default']).readable)).toEqual(['replica-1']);
  });

  it('becomes a new picture when a health changes, and stays as it was', () => {
    const later = three.observe('replica-1', { health: 'down' });
    expect(later).not.toBe(three);
    expect(three.get('replica-1')?.health).toBe('up');
    expect(later.get('replica-1')?.health).toBe('down');
    expect(names(three.readable)).toContain('replica-1');
  });

  it('is the same picture when nothing has changed', () => {
    expect(three.observe('replica-1', { health: 'up' })).toBe(three);
    expect(three.observe('nobody', { health: 'down' })).toBe(three);
  });

  it('shares the load of a database with the pictures before and after it', () => {
    const later = three.observe('replica-1', { health: 'down' });
    later.named('replica-1').load.started();
    expect(three.named('replica-1').load.inFlight).toBe(1);
  });

  it('can be narrowed to some of its candidates, and still knows them all', () => {
    const replicas = three.filter(({ role }) => role === 'replica');
    expect(names(replicas.readable)).toEqual(['replica-1', 'replica-2']);
    expect(replicas.writable).toEqual([]);
    expect(replicas.default.name).toBe('default');
    expect(names(replicas.all)).toEqual(names(three.all));
  });
});
