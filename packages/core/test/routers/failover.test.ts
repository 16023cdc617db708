import { describe, expect, it } from '@jest/globals';
import type { Health } from '../../src/databases.js';
import { FailoverRouter } from '../../src/routers/failover.js';
import { nameOf, pictureOf, READ, tally, WRITE } from '../support/pictures.js';
import { refusal } from '../support/thrown.js';

const up = { health: 'up' } as const;
const down = { health: 'down' } as const;

describe('FailoverRouter', () => {
  it.each<[Health, Health, Health, string]>([
    ['up', 'up', 'up', 'replica-1'],
    ['up', 'suspect', 'up', 'replica-1'],
    ['up', 'down', 'up', 'replica-2'],
    ['up', 'down', 'down', 'default'],
    ['down', 'down', 'up', 'replica-2'],
    ['down', 'down', 'down', 'replica-1'],
  ])('with default %s, replica-1 %s, replica-2 %s: reads from %s', (primary, first, second, expected) => {
    const databases = pictureOf({
      default: { health: primary },
      'replica-1': { health: first },
      'replica-2': { health: second },
    });
    expect(nameOf(new FailoverRouter().dbForRead(READ, databases))).toBe(expected);
  });

  it('prefers the names it was given, in their order', () => {
    const router = new FailoverRouter({ prefer: ['near', 'far'] });
    expect(nameOf(router.dbForRead(READ, pictureOf({ default: up, far: up, near: up })))).toBe('near');
    expect(nameOf(router.dbForRead(READ, pictureOf({ default: up, far: up, near: down })))).toBe('far');
    expect(nameOf(router.dbForRead(READ, pictureOf({ default: up, far: down, near: down })))).toBe('default');
  });

  it('reads from default rather than from a replica that is not preferred', () => {
    const router = new FailoverRouter({ prefer: ['near'] });
    expect(nameOf(router.dbForRead(READ, pictureOf({ default: up, far: up, near: down })))).toBe('default');
  });

  it('may prefer a primary', () => {
    const router = new FailoverRouter({ prefer: ['default', 'far'] });
    expect(nameOf(router.dbForRead(READ, pictureOf({ default: up, far: up })))).toBe('default');
  });

  it('reads from default where there is no replica', () => {
    expect(nameOf(new FailoverRouter().dbForRead(READ, pictureOf({ default: up })))).toBe('default');
  });

  it('names the databases there are when it prefers one that is not', async () => {
    const router = new FailoverRouter({ prefer: ['follower'] });
    const message = await refusal('SLUICE_UNKNOWN_DATABASE', () =>
      router.dbForRead(READ, pictureOf({ default: up, near: up })),
    );
    expect(message).toBe('no database is named "follower"; this cluster has default, near');
  });

  it('writes to default, whatever it prefers', () => {
    const router = new FailoverRouter({ prefer: ['near'] });
    expect(tally(10, () => router.dbForWrite(WRITE, pictureOf({ default: up, near: up })))).toEqual({ default: 10 });
  });
});
