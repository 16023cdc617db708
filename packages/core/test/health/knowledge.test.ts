import { describe, expect, it } from '@jest/globals';
import type { Databases, Health, Role } from '../../src/databases.js';
import { Knowledge } from '../../src/health/knowledge.js';
import type { Report } from '../../src/health/report.js';
import type { Roles } from '../../src/health/roles.js';
import type { Reading } from '../../src/health/verdict.js';
import { pictureOf } from '../support/pictures.js';
import { says } from '../support/servers.js';

const gtid = (count: number): ReadonlyMap<string, number> => new Map([['0', count]]);
/** As MariaDB says it. */
const serving = says({ writable: true, replicating: false, promoted: false });
const readOnly = says({ writable: false, replicating: false, promoted: false });
const following = says({ writable: false, replicating: true, promoted: true });
const grown = says({ writable: true, replicating: false, promoted: true });

/** What is known of a primary and two replicas, and the roles that follow from it at once. */
function knowing(...replicas: readonly string[]): {
  says(name: string, report: Report, at?: number): void;
  becomes(name: string, health: Health): void;
  reading(name: string, at?: number): Reading;
  roles(): Roles;
  picture(): Databases;
  readonly knowledge: Knowledge;
} {
  const names = replicas.length === 0 ? ['replica-1', 'replica-2'] : replicas;
  let databases = pictureOf(Object.fromEntries(['default', ...names].map((name) => [name, {}])));
  const knowledge = new Knowledge();
  for (const database of databases.all) knowledge.add(database);
  const elect = (): Roles => {
    const found = knowledge.roles(databases);
    const before = databases;
    databases = databases.appoint(found.primaries);
    if (databases !== before) knowledge.appointed(databases);
    return found;
  };
  return {
    knowledge,
    says: (name, report, at = 0) => {
      knowledge.learn(name, report, at, databases.get(name)?.role);
      elect();
    },
    becomes: (name, health) => {
      databases = databases.observe(name, { health });
      if (health === 'down') knowledge.lost(name);
      elect();
    },
    reading: (name, at = 0) => knowledge.reading(name, databases, elect().disputed, at),
    roles: elect,
    picture: () => databases,
  };
}

const primaries = (databases: Databases): readonly string[] => databases.primaries.map(({ name }) => name);

describe('the lag of a replica', () => {
  it('is the time since the primary was seen beyond it', () => {
    const { says: say, reading } = knowing();
    say('default', { ...serving, position: gtid(10) }, 0);
    say('default', { ...serving, position: gtid(20) }, 1_000);
    say('replica-1', { ...following, position: gtid(15) }, 1_500);
    expect(reading('replica-1', 1_500)).toEqual({ kind: 'alive', lagMs: 500 });
  });

  it('is not known of one that says no position, nor before the primary said one', () => {
    const { says: say, reading } = knowing();
    say('replica-1', { ...following, position: gtid(15) }, 100);
    expect(reading('replica-1', 100)).toEqual({ kind: 'alive', lagMs: undefined });
    say('default', { ...serving, position: gtid(20) }, 200);
    say('replica-1', following, 300);
    expect(reading('replica-1', 300)).toEqual({ kind: 'alive' });
  });

  it('is none of a primary', () => {
    const { says: say, reading } = knowing();
    say('default', { ...serving, position: gtid(10) });
    expect(reading('default')).toEqual({ kind: 'alive' });
  });

  it('is nothing of a second name of the primary, whatever the primary has written since', () => {
    const { says: say, reading } = knowing();
    const server = 'db:3306:1';
    say('default', { ...serving, position: gtid(20), server }, 0);
    say('replica-1', { ...serving, position: gtid(10), server }, 500);
    expect(reading('replica-1', 500)).toEqual({ kind: 'alive', lagMs: 0 });
  });

  it('is not that of the primary of before', () => {
    const { says: say, becomes, reading, picture } = knowing();
    say('default', { ...serving, position: gtid(20) }, 0);
    say('replica-1', { ...following, position: gtid(10) }, 0);
    becomes('default', 'down');
    say('replica-1', { ...grown, position: gtid(10) }, 1_000);
    expect(primaries(picture())).toEqual(['replica-1']);
    say('replica-2', { ...following, position: gtid(10) }, 2_000);
    expect(reading('replica-2', 2_000)).toEqual({ kind: 'alive', lagMs: undefined });
    say('replica-1', { ...grown, position: gtid(12) }, 3_000);
    expect(reading('replica-2', 3_400)).toEqual({ kind: 'alive', lagMs: 400 });
  });

  it('is not counted by a primary that is read only and may be behind itself', () => {
    const { says: say, reading } = knowing();
    say('default', { ...readOnly, position: gtid(20) }, 0);
    say('replica-1', { ...following, position: gtid(10) }, 500);
    expect(reading('replica-1', 500)).toEqual({ kind: 'alive', lagMs: undefined });
  });
});

describe('who is the primary', () => {
  it('follows a switchover, and the switch back', () => {
    const { says: say, picture } = knowing();
    say('default', serving);
    say('replica-1', following);
    say('default', readOnly);
    expect(primaries(picture())).toEqual(['default']);
    say('replica-1', grown);
    expect(primaries(picture())).toEqual(['replica-1']);
    say('default', following);
    say('replica-1', says({ ...readOnly, promoted: true }));
    say('default', grown);
    expect(primaries(picture())).toEqual(['default']);
  });

  it('follows a hard loss', () => {
    const { says: say, becomes, picture } = knowing();
    say('default', serving);
    say('replica-1', following);
    say('replica-2', following);
    becomes('default', 'down');
    expect(primaries(picture())).toEqual(['default']);
    say('replica-2', grown);
    expect(primaries(picture())).toEqual(['replica-2']);
  });

  it('is one of MySQL, which does not say whether it replicates, only once the primary is lost', () => {
    const { says: say, becomes, picture } = knowing();
    say('default', says({ writable: true }));
    say('replica-1', says({ writable: false }));
    say('replica-1', says({ writable: true }));
    expect(primaries(picture())).toEqual(['default']);
    becomes('default', 'down');
    expect(primaries(picture())).toEqual(['replica-1']);
  });

  it('is not the old one that comes back writable, but was seen read only at the switchover', () => {
    const { says: say, becomes, picture, roles } = knowing();
    say('default', serving);
    say('replica-1', following);
    say('default', readOnly);
    say('replica-1', grown);
    // it stands by for a while, follows nobody, and is restarted without read_only
    say('default', readOnly);
    becomes('default', 'down');
    becomes('default', 'warming');
    say('default', serving);
    expect(primaries(picture())).toEqual(['replica-1']);
    expect(roles().disputed).toEqual(['default']);
  });

  it('is not the one of before that comes back writable after its crash', () => {
    const { says: say, becomes, picture, roles } = knowing();
    say('default', serving);
    say('replica-1', following);
    becomes('default', 'down');
    say('replica-1', grown);
    becomes('default', 'recovering');
    say('default', serving);
    expect(primaries(picture())).toEqual(['replica-1']);
    expect(roles().disputed).toEqual(['default']);
  });

  it('may be the old one again once it has followed the new one', () => {
    const { says: say, becomes, picture } = knowing();
    say('default', serving);
    say('replica-1', following);
    say('default', readOnly);
    say('replica-1', grown);
    say('default', following);
    becomes('replica-1', 'down');
    say('default', grown);
    expect(primaries(picture())).toEqual(['default']);
  });

  it('is not one whose last word is from before it went down', () => {
    const { says: say, becomes, picture } = knowing();
    say('default', serving);
    say('replica-1', following);
    say('replica-2', following);
    becomes('default', 'down');
    becomes('replica-1', 'down');
    expect(primaries(picture())).toEqual(['default']);
  });
});

describe('a disputed database', () => {
  it('is told so, whatever it says of its position', () => {
    const { says: say, becomes, reading } = knowing();
    say('default', { ...serving, position: gtid(5) });
    say('replica-1', { ...following, position: gtid(5) });
    becomes('default', 'down');
    say('replica-1', { ...grown, position: gtid(5) });
    becomes('default', 'recovering');
    say('default', { ...serving, position: gtid(9) });
    expect(reading('default')).toEqual({
      kind: 'disputed',
      error: 'it takes writes, but replica-1 is the primary',
    });
    say('default', { ...following, position: gtid(5) });
    expect(reading('default').kind).toBe('alive');
  });
});

describe('a database that is taken out', () => {
  it('is no candidate, and is learnt of no more', () => {
    const { knowledge, says: say, becomes, picture } = knowing();
    say('default', serving);
    say('replica-1', following);
    becomes('default', 'down');
    knowledge.remove('replica-1');
    say('replica-1', grown);
    expect(primaries(picture())).toEqual(['default']);
  });

  it.each<Role>(['primary', 'replica'])('leaves a %s nobody has heard of out of the account', (role) => {
    const knowledge = new Knowledge();
    knowledge.learn('nobody', serving, 0, role);
    expect(knowledge.reading('nobody', pictureOf({ default: {} }), [], 0)).toEqual({ kind: 'alive' });
  });
});
